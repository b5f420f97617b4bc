import { dirname, resolve } from 'node:path'
import type { HclDocument } from '@gatewright/config-hcl'
import { errors } from '@gatewright/kernel'
import { ConfigWatcher, type FileOptions, fileOptionsOf } from '@gatewright/plugin-provider-file'
import type { Logger } from 'pino'

/** Watches the files of the configuration that runs, as long as that says so. */
export class ConfigWatch implements AsyncDisposable {
  readonly #log: Logger
  readonly #onChange: (() => void) | undefined
  #watcher: ConfigWatcher | undefined = undefined
  #watched = ''

  /** @param onChange Where somebody else watches the files, and asks for what changes need. */
  constructor(log: Logger, onChange: (() => void) | 'watched by others') {
    this.#log = log
    this.#onChange = onChange === 'watched by others' ? undefined : onChange
  }

  /** True while changes of the files are applied. */
  get active(): boolean {
    return this.#onChange === undefined || this.#watcher !== undefined
  }

  /** Begins with a configuration that is about to run. Every later change of its files is told. */
  async begin(document: HclDocument): Promise<void> {
    const onChange = this.#onChange
    if (onChange === undefined) return
    const options = fileOptionsOf(document)
    this.#watched = idOf(document, options)
    await this.#watcher?.[Symbol.asyncDispose]()
    this.#watcher = options?.watch === true ? this.#create(document, options, onChange) : undefined
    await this.#watcher?.start()
  }

  /** Goes on with another configuration, which runs already. */
  async follow(document: HclDocument): Promise<void> {
    if (idOf(document, fileOptionsOf(document)) === this.#watched) return
    await this.begin(document)
    // What happened between reading and watching.
    if (this.active) this.#onChange?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher?.[Symbol.asyncDispose]()
    this.#watcher = undefined
  }

  #create({ file, text }: HclDocument, options: FileOptions, onChange: () => void): ConfigWatcher {
    const { directory } = options
    return new ConfigWatcher(options, {
      log: this.#log,
      main: file,
      mainText: text,
      ...(directory !== undefined && { directory: resolve(dirname(file), directory) }),
      onChange,
    })
  }
}

/** Throws GW_CONFIG_EMPTY for what would close every listener, and is hardly meant. */
export function refuseEmpty({ config, file }: HclDocument): void {
  if (Object.keys(config).length === 0) throw errors.GW_CONFIG_EMPTY({ file })
}

function idOf({ file }: HclDocument, options: FileOptions | undefined): string {
  return JSON.stringify([file, options])
}
