import {
  type ConfigDocument,
  type ConfigPart,
  defineProvider,
  type Provider,
  type ProviderFactory,
  type Scope,
} from '@gatewright/kernel'
import { ConfigWatcher } from './config-watcher.ts'
import { Fragments } from './fragments.ts'
import { type FileOptions, schema } from './options.ts'

/** How the provider is used by a program. */
export interface FileProviderSettings {
  /** False if the program watches the files itself. Default true. */
  readonly watches?: boolean
  /** Takes environment variables that are not set as unknown, to check a configuration elsewhere. */
  readonly allowMissingEnv?: boolean
}

/** Makes the factory of the block `file` in `providers`. */
export function createFileProvider({
  watches = true,
  allowMissingEnv = false,
}: FileProviderSettings = {}): ProviderFactory<FileOptions> {
  const fragments = new Fragments(allowMissingEnv)
  return defineProvider({
    type: 'file',
    schema,
    // The files are one configuration with the main file.
    precedence: Number.POSITIVE_INFINITY,
    load: (options, context) =>
      options.directory === undefined ? [] : fragments.load(options.directory, options, context),
    create: (options, scope, main) => new FileProvider(options, scope, watches, main),
  })
}

class FileProvider implements Provider {
  readonly #options: FileOptions
  readonly #scope: Scope
  readonly #main: ConfigDocument | undefined
  readonly #watches: boolean

  constructor(options: FileOptions, scope: Scope, watches: boolean, main?: ConfigDocument) {
    this.#options = options
    this.#scope = scope
    this.#watches = watches && options.watch
    this.#main = main
  }

  /** Says that there may be something to load: once at the beginning, then with every change. */
  async *watch(signal: AbortSignal): AsyncGenerator<readonly ConfigPart[]> {
    if (signal.aborted) return
    let wake = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => wake.resolve())
    await using watcher = this.#startWatcher(() => wake.resolve())
    await watcher?.start()
    // What happened between loading and watching.
    yield []
    for (;;) {
      await wake.promise
      wake = Promise.withResolvers()
      if (signal.aborted) return
      yield []
    }
  }

  #startWatcher(onChange: () => void): ConfigWatcher | undefined {
    if (!this.#watches) return undefined
    const { log } = this.#scope
    const { directory } = this.#options
    const main = this.#main
    const file = main?.reread === undefined ? undefined : main.file
    return new ConfigWatcher(this.#options, {
      log,
      onChange,
      // What cannot be read again need not be watched.
      ...(file !== undefined && { main: file }),
      ...(directory !== undefined && { directory: this.#scope.resolvePath(directory) }),
    })
  }
}
