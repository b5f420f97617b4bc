import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ConfigProblem } from '@gatewright/kernel'

const probe = fileURLToPath(new URL('probe.ts', import.meta.url))
const run = promisify(execFile)

/** What came of a configuration. */
export interface Outcome {
  readonly problems: readonly ConfigProblem[]
  /** Names of those that were set up. */
  readonly plugins: readonly string[]
  readonly warnings: readonly { readonly code?: string; readonly msg: string }[]
}

/** A folder with packages, made by hand as a package manager would. */
export class Project implements Disposable {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-project-')))

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  /** A package in that folder, whose `index.js` is a plugin with one middleware type, `hello`. */
  writePackage(root: string, name: string, manifest: object = {}, text: string = code(name)): void {
    const fields = { name, version: '1.2.0', type: 'module', main: 'index.js', ...manifest }
    this.write(join(root, 'package.json'), JSON.stringify(fields))
    this.write(join(root, 'index.js'), text)
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    symlinkSync(join(this.folder, target), join(this.folder, path))
  }

  /** Checks a configuration that stands in `base`, in a process of its own. */
  async check(config: object, base = '.'): Promise<Outcome> {
    const args = [probe, join(this.folder, base), JSON.stringify(config)]
    const { stdout } = await run(process.execPath, args, { timeout: 60_000 })
    const lines = stdout.trimEnd().split('\n').map(parse)
    const warnings = lines.filter((line) => !('problems' in line))
    // What the probe prints.
    const outcome = lines.find((line) => 'problems' in line) as Omit<Outcome, 'warnings'>
    return { ...outcome, warnings: warnings as Outcome['warnings'] }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

function parse(line: string): object {
  // Lines are objects.
  return JSON.parse(line) as object
}

/** A plugin with one middleware type. */
export function code(name: string, type = 'hello'): string {
  return `export default ${body(name, type)}`
}

/** The same as an expression. */
export function body(name: string, type = 'hello'): string {
  return `{
    name: ${JSON.stringify(name)},
    setup(gateway) {
      gateway.middlewares.register({
        type: ${JSON.stringify(type)},
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: () => ({ onRequest() {} }),
      })
    },
  }`
}
