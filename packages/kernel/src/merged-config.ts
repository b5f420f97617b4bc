/**
 * Puts the contributions of the program and of providers together.
 *
 * @module
 */
import { resolve } from 'node:path'
import type {
  ConfigDocument,
  ConfigPath,
  ConfigProblem,
  GatewayConfigInput,
  Report,
} from './config.ts'
import type { JsonSchema } from './schema.ts'

/** A configuration, with or without knowledge of its notation. */
export type ConfigInput = GatewayConfigInput | ConfigDocument

/** One of the parts that a configuration is put together from. */
export interface ConfigFragment {
  /** Whose it is, for messages: `provider "docker"`. */
  readonly source: string
  /** Which provider contributes it. */
  readonly provider?: string | undefined
  readonly input: ConfigInput
  /** Of two that define the same name, the one with more wins. Default: infinite. */
  readonly precedence?: number
}

/** What a configuration that is no file is taken for. */
export interface MergeOptions {
  /** Where its relative paths begin. Default: the working directory. */
  readonly baseDir?: string
}

/** A name that a fragment defines in vain. */
export interface ShadowedName {
  readonly path: ConfigPath
  readonly winner: ConfigFragment
  readonly loser: ConfigFragment
}

/** Several contributions as one configuration. */
export class MergedConfig<F extends ConfigFragment = ConfigFragment> {
  /** What was left out, because a fragment with a higher precedence has it. */
  readonly shadowed: ShadowedName[] = []
  #config: Record<string, unknown> = Object.create(null)
  /** Where each block came from: `routers/api` → fragment. */
  readonly #owners = new Map<string, F>()
  /** Where each section came from, as far as a document has it: `routers` → document. */
  readonly #sections = new Map<string, ConfigDocument>()
  readonly #baseDir: string

  /**
   * Two fragments of the same precedence that define the same name are a problem of the later one
   * that names both.
   */
  constructor(
    fragments: readonly F[],
    report: (problem: ConfigProblem, fragment: F) => void,
    { baseDir = '.' }: MergeOptions = {},
  ) {
    this.#baseDir = resolve(baseDir)
    for (const fragment of fragments.toSorted((a, b) => precedenceOf(b) - precedenceOf(a))) {
      const { input } = fragment
      const config = isDocument(input) ? input.config : input
      for (const [key, value] of Object.entries(config)) {
        if (value === undefined || value === null) continue
        if (isRecord(value)) this.#mergeBlocks(key, value, fragment, report)
        else if (isRecord(this.#config[key])) {
          const message = `a "${key}" block needs a label`
          report({ path: [key], code: 'GW_CONFIG_LABEL', message }, fragment)
        } else if (this.#claim([key], fragment, report)) this.#config[key] = value
      }
    }
  }

  /** Top-level keys and blocks, as written. */
  get config(): Readonly<Record<string, unknown>> {
    return this.#config
  }

  /** Takes what a tap of the `config` hook made of it. */
  replace(config: GatewayConfigInput): void {
    this.#config = { ...config }
  }

  /** Gives a block the shape of its schema, as its notation has it. */
  shape(value: unknown, schema: object, path: ConfigPath, report: Report): unknown {
    const document = this.#documentOf(path)
    // Every schema of the kernel is a JSON Schema of the kinds that `JsonSchema` describes.
    return document?.normalise(value, schema as JsonSchema, path, report) ?? value
  }

  /** True if what stands there must not be shown. */
  isSecret(path: ConfigPath): boolean {
    return this.#documentOf(path)?.interpolated?.(path) === true
  }

  /** Where relative paths begin that stand in the block at `path`; absolute. */
  folderOf(path: ConfigPath): string {
    return resolve(this.#baseDir, this.#documentOf(path)?.folderOf?.(path) ?? '.')
  }

  /** The fragment that has the block, or the key, at a path. */
  ownerOf(path: ConfigPath): F | undefined {
    return this.#owners.get(path.slice(0, 2).join('/')) ?? this.#owners.get(String(path[0]))
  }

  #documentOf(path: ConfigPath): ConfigDocument | undefined {
    const owner = this.ownerOf(path)
    if (owner === undefined) return this.#sections.get(String(path[0]))
    return isDocument(owner.input) ? owner.input : undefined
  }

  #mergeBlocks(
    key: string,
    blocks: Record<string, unknown>,
    fragment: F,
    report: (problem: ConfigProblem, fragment: F) => void,
  ): void {
    const present = this.#config[key]
    // Whoever put something else there is told.
    if (present !== undefined && !isRecord(present)) return
    const target: Record<string, unknown> = present ?? Object.create(null)
    this.#config[key] = target
    const { input } = fragment
    if (isDocument(input) && !this.#sections.has(key)) this.#sections.set(key, input)
    for (const [label, block] of Object.entries(blocks)) {
      if (this.#claim([key, label], fragment, report)) target[label] = block
    }
  }

  #claim(
    path: readonly string[],
    fragment: F,
    report: (problem: ConfigProblem, fragment: F) => void,
  ): boolean {
    const id = path.join('/')
    const owner = this.#owners.get(id)
    if (owner === undefined) {
      this.#owners.set(id, fragment)
      return true
    }
    if (precedenceOf(owner) > precedenceOf(fragment)) {
      this.shadowed.push({ path, winner: owner, loser: fragment })
    } else {
      const message = `defined by ${owner.source} and by ${fragment.source}`
      report({ path, code: 'GW_CONFIG_DUPLICATE', message }, fragment)
    }
    return false
  }
}

function precedenceOf({ precedence = Number.POSITIVE_INFINITY }: ConfigFragment): number {
  return precedence
}

/** A plain configuration has no function among its values. */
export function isDocument(input: ConfigInput): input is ConfigDocument {
  return 'normalise' in input && typeof input['normalise'] === 'function'
}

/** An object that is neither a list nor null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
