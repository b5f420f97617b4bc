import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Fault } from './fault.ts'
import { type Scalar, scalar } from './value.ts'

/** Environment variables that `env` of a configuration finds. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface ScopeOptions {
  /** The configuration file, whose folder relative paths begin from. */
  readonly file: string
  readonly env: Environment
  readonly readFile?: ((path: string) => string) | undefined
}

/** The outside world as expressions see it. */
export class Scope {
  readonly #folder: string
  readonly #env: Environment
  readonly #readFile: (path: string) => string

  constructor(options: ScopeOptions) {
    this.#folder = dirname(resolve(options.file))
    this.#env = options.env
    this.#readFile = options.readFile ?? ((path) => readFileSync(path, 'utf8'))
  }

  /** `undefined` if the variable is not set; an empty one is set. */
  variable(name: string): Scalar | undefined {
    const text = Object.hasOwn(this.#env, name) ? this.#env[name] : undefined
    return text === undefined ? undefined : scalar(text, [`environment variable "${name}"`])
  }

  /** `shown` is how messages call the file, as its path may come from the environment. */
  file(path: string, shown: string): Scalar {
    try {
      return scalar(this.#readFile(resolve(this.#folder, path)), [shown])
    } catch (error) {
      throw new Fault('GW_CONFIG_FILE', `cannot read ${shown}: ${reasonOf(error)}`)
    }
  }
}

/** The system's code, since its message contains the path. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : String(error)
}
