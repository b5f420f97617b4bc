/**
 * The files of a configuration, as they are at a moment.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parseHcl } from '@gatewright/config-hcl'
import { linksOf, type WatchedFolders } from '@gatewright/watched-file'
import { reasonOf } from './errors.ts'
import { type FragmentList, listFragments } from './fragment-list.ts'
import { maxBytes, readFragment } from './fragment-text.ts'

/** What all files have. */
export interface FileState {
  /** Differs if anything does. */
  readonly digest: string
  /** By path: the text, or nothing if it cannot be read. */
  readonly contents: ReadonlyMap<string, string | undefined>
}

/** The files that a configuration consists of. */
export interface ConfigPlaces {
  /** Absolute path of the main file. */
  readonly main?: string
  /** Absolute path of the folder with more. */
  readonly directory?: string
}

/** Finds and reads the files of a configuration. */
export class ConfigFiles {
  readonly #main: string | undefined
  readonly #directory: string | undefined

  constructor({ main, directory }: ConfigPlaces) {
    this.#main = main
    this.#directory = directory
  }

  /** Every folder whose changes may be changes of the configuration. */
  async folders(): Promise<WatchedFolders> {
    const list = await this.#list()
    const paths = [this.#main, this.#directory, ...list.links].filter((path) => path !== undefined)
    const folders = new Map<string, ReadonlySet<string> | undefined>()
    for (const links of await Promise.all(paths.map((path) => linksOf(path)))) {
      for (const [folder, names = new Set<string>()] of links) {
        folders.set(folder, new Set([...(folders.get(folder) ?? []), ...names]))
      }
    }
    // Whatever comes to be in these may be configuration.
    const own = list.folders.length > 0 ? list.folders : [this.#directory]
    for (const folder of own) if (folder !== undefined) folders.set(folder, undefined)
    return folders
  }

  /** What they have now. */
  async read(): Promise<FileState> {
    const contents = new Map<string, string | undefined>()
    if (this.#main !== undefined) contents.set(this.#main, await this.#readMain(this.#main))
    const { files, problem } = await this.#list()
    for (const { path } of files) {
      contents.set(path, await readFragment(path).catch(() => undefined))
    }
    if (this.#directory !== undefined && problem !== undefined) {
      contents.set(this.#directory, undefined)
    }
    return stateOf(contents)
  }

  /** The same with another text of the main file. */
  withMain({ contents }: FileState, text: string): FileState {
    return this.#main === undefined
      ? stateOf(contents)
      : stateOf(new Map([...contents, [this.#main, text]]))
  }

  /** True if nothing that has changed looks like the work of a writer that is not done. */
  async areWhole({ contents }: FileState, before: FileState): Promise<boolean> {
    for (const [path, text] of contents) {
      if (before.contents.has(path) && before.contents.get(path) === text) continue
      if (text === undefined || !(await isConfiguration(text, path))) return false
    }
    return true
  }

  /** Nothing, with the reason, if the folder cannot be read. */
  async #list(): Promise<FragmentList & { readonly problem?: string }> {
    const nothing = { files: [], folders: [], links: [] }
    if (this.#directory === undefined) return nothing
    try {
      return await listFragments(this.#directory, this.#main)
    } catch (error) {
      return { ...nothing, problem: reasonOf(error) }
    }
  }

  async #readMain(path: string): Promise<string | undefined> {
    return await readFile(path, 'utf8').catch(() => undefined)
  }
}

function stateOf(contents: ReadonlyMap<string, string | undefined>): FileState {
  const hash = createHash('sha256')
  for (const [path, text] of contents) hash.update(JSON.stringify([path, text ?? null]))
  return { digest: hash.digest('hex'), contents }
}

/** Empty text would be one, but nobody writes that on purpose. */
async function isConfiguration(text: string, file: string): Promise<boolean> {
  if (text.trim() === '') return false
  try {
    await parseHcl(text, { file, maxBytes })
    return true
  } catch {
    // Whoever applies it says what is wrong.
    return false
  }
}
