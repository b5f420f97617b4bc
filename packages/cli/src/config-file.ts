import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type HclDocument, type ReadOptions, readHcl } from '@gatewright/config-hcl'
import type { GatewayConfigInput, PluginLoader } from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { withReadOnlyFiles } from './file-provider.ts'
import { withWorkerKeys } from './workers/plugin.ts'

/** What holds without a file: a listener that answers 404 to everything. */
export const builtInConfig: GatewayConfigInput = {
  entrypoints: { web: { address: '0.0.0.0:80' } },
}

/** The file that `--config` names, or `gateway.hcl` in the working directory. */
export class ConfigFile {
  /** As it was given, for messages. */
  readonly path: string
  /** True if the user named it, so that it has to be there. */
  readonly named: boolean
  readonly #folder: string

  constructor(path: string | undefined) {
    this.path = path ?? 'gateway.hcl'
    this.named = path !== undefined
    this.#folder = dirname(resolve(this.path))
  }

  exists(): boolean {
    return existsSync(this.path)
  }

  /** Throws GW_CONFIG_FILE, and `HclSyntaxError` with every problem of the text. */
  read(options?: ReadOptions): Promise<HclDocument> {
    return readHcl(this.path, options)
  }

  /** Finds plugins from the folder of the file, then from the working directory. */
  createLoader({ allowMissingEnv = false }: ReadOptions = {}): PluginLoader {
    const standard = createLoader({ baseDir: this.#folder, projectDir: process.cwd() })
    return withReadOnlyFiles(withWorkerKeys(standard), allowMissingEnv)
  }
}
