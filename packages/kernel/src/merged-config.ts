/**
 * Puts the contributions of the program and of providers together.
 *
 * @module
 */
import { resolve } from 'node:path'
import type { ConfigDocument, ConfigPath, GatewayConfigInput, Report } from './config.ts'
import type { JsonSchema } from './schema.ts'

/** A configuration, with or without knowledge of its notation. */
export type ConfigInput = GatewayConfigInput | ConfigDocument

/** One of the parts that a configuration is put together from. */
export interface ConfigFragment {
  /** Whose it is, for messages: `provider "docker"`. */
  readonly source: string
  readonly input: ConfigInput
}

/** What a configuration that is no file is taken for. */
export interface MergeOptions {
  /** Where its relative paths begin. Default: the working directory. */
  readonly baseDir?: string
}

/** Several contributions as one configuration. */
export class MergedConfig {
  #config: Record<string, unknown> = Object.create(null)
  /** What each block came from: `routers/api` → document, or nothing for plain configuration. */
  readonly #documents = new Map<string, ConfigDocument | undefined>()
  readonly #baseDir: string

  /** Two fragments that define the same name are a problem that names both. */
  constructor(
    fragments: readonly ConfigFragment[],
    report: Report,
    { baseDir = '.' }: MergeOptions = {},
  ) {
    this.#baseDir = resolve(baseDir)
    const owners = new Map<string, string>()
    for (const { source, input } of fragments) {
      const document = isDocument(input) ? input : undefined
      const config = document?.config ?? input
      for (const [key, value] of Object.entries(config)) {
        if (value === undefined || value === null) continue
        if (isRecord(value)) this.#mergeBlocks(key, value, source, document, owners, report)
        else if (this.#claim([key], source, document, owners, report)) this.#config[key] = value
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

  #documentOf(path: ConfigPath): ConfigDocument | undefined {
    const id = path.slice(0, 2).join('/')
    return this.#documents.get(this.#documents.has(id) ? id : String(path[0]))
  }

  #mergeBlocks(
    key: string,
    blocks: Record<string, unknown>,
    source: string,
    document: ConfigDocument | undefined,
    owners: Map<string, string>,
    report: Report,
  ): void {
    const target: Record<string, unknown> = isRecord(this.#config[key])
      ? this.#config[key]
      : Object.create(null)
    this.#config[key] = target
    if (document !== undefined) this.#documents.set(key, document)
    for (const [label, block] of Object.entries(blocks)) {
      if (this.#claim([key, label], source, document, owners, report)) target[label] = block
    }
  }

  #claim(
    path: readonly string[],
    source: string,
    document: ConfigDocument | undefined,
    owners: Map<string, string>,
    report: Report,
  ): boolean {
    const id = path.join('/')
    const owner = owners.get(id)
    if (owner !== undefined) {
      const message = `defined by ${owner} and by ${source}`
      report({ path, code: 'GW_CONFIG_DUPLICATE', message })
      return false
    }
    owners.set(id, source)
    this.#documents.set(id, document)
    return true
  }
}

/** A plain configuration has no function among its values. */
export function isDocument(input: ConfigInput): input is ConfigDocument {
  return 'normalise' in input && typeof input['normalise'] === 'function'
}

/** An object that is neither a list nor null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
