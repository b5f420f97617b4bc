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
  /** By path: what differs if the text does; nothing if it cannot be read. */
  readonly digests: ReadonlyMap<string, string | undefined>
}

/** The same with the texts. */
export interface FileTexts extends FileState {
  readonly texts: ReadonlyMap<string, string | undefined>
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
  async read(): Promise<FileTexts> {
    const texts = new Map<string, string | undefined>()
    if (this.#main !== undefined) texts.set(this.#main, await this.#readMain(this.#main))
    const { files, problem } = await this.#list()
    for (const { path } of files) {
      texts.set(path, await readFragment(path).catch(() => undefined))
    }
    if (this.#directory !== undefined && problem !== undefined) {
      texts.set(this.#directory, undefined)
    }
    const digests = new Map([...texts].map(([path, text]) => [path, digestOf(text)]))
    return { ...stateOf(digests), texts }
  }

  /** The same with another text of the main file. */
  withMain(state: FileState, text: string): FileState {
    if (this.#main === undefined) return state
    return stateOf(new Map([...state.digests, [this.#main, digestOf(text)]]))
  }

  /** True if nothing that has changed looks like the work of a writer that is not done. */
  async areWhole({ texts, digests }: FileTexts, before: FileState): Promise<boolean> {
    for (const path of before.digests.keys()) {
      // The folder stands among them only while it cannot be read.
      if (!texts.has(path) && path !== this.#directory) return false
    }
    for (const [path, text] of texts) {
      if (before.digests.has(path) && before.digests.get(path) === digests.get(path)) continue
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

function stateOf(digests: ReadonlyMap<string, string | undefined>): FileState {
  return { digest: digestOf(JSON.stringify([...digests])), digests }
}

function digestOf(text: string): string
function digestOf(text: string | undefined): string | undefined
function digestOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : createHash('sha256').update(text).digest('hex')
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
