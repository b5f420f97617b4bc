/**
 * Reads the files of a folder as parts of a configuration.
 *
 * @module
 */
import { dirname, isAbsolute, join, sep } from 'node:path'
import { diagnose, type HclDocument, HclSyntaxError, parseHcl } from '@gatewright/config-hcl'
import {
  asGatewayError,
  type ConfigPart,
  type ConfigProblem,
  type LoadContext,
} from '@gatewright/kernel'
import { errors, isMissing, reasonOf } from './errors.ts'
import { type FragmentList, listFragments } from './fragment-list.ts'
import { maxBytes, readFragment } from './fragment-text.ts'
import { Grace, leftFor } from './grace.ts'
import type { FileOptions } from './options.ts'

/** Sections that may stand in every file; all others have one place, which is the main file. */
const sections = ['entrypoints', 'routers', 'services', 'middlewares']

/** Other files, so their content is no reason to take this one for unchanged. */
const readsFiles = /\bfile\s*\(/

/** So many are read at a time: while one is parsed in a thread, others are prepared for that. */
const together = 16

/** Takes the text of a file; `undefined` if it is gone. */
type ReadText = (path: string) => Promise<string | undefined>

/** What a file had when it was read last. */
interface Known {
  /** `undefined` if it could not be read. */
  readonly text: string | undefined
  readonly input: ConfigPart['input']
  /** False if it looks like the work of a writer that is not done. */
  readonly whole: boolean
  /** Whether it ever had blocks, so that nobody means it to be empty. */
  readonly hadBlocks: boolean
}

/** What files are loaded for. */
interface Loading {
  readonly shown: string
  readonly strict: boolean
  readonly grace: Grace
}

/** Reads the files of folders, each text once. */
export class Fragments {
  readonly #allowMissingEnv: boolean
  readonly #readText: ReadText
  /** By path. */
  #known = new Map<string, Known>()
  /** What there was, by folder. */
  readonly #last = new Map<string, readonly ConfigPart[]>()
  /** Folders that a warning named because they are not there. */
  readonly #missing = new Set<string>()

  constructor(allowMissingEnv: boolean, readText: ReadText = readFragment) {
    this.#allowMissingEnv = allowMissingEnv
    this.#readText = readText
  }

  /** A part for each file; one more for the folder if something is wrong with that. */
  async load(directory: string, options: FileOptions, context: LoadContext): Promise<ConfigPart[]> {
    const strict = options.on_fragment_error === 'strict'
    const path = context.resolvePath(directory)
    const shown = shownAs(directory, context)
    const { main } = context
    const grace = new Grace()
    try {
      const list = await this.#list(path, main?.file, grace)
      const parts = await this.#read(list, { shown, strict, grace })
      this.#last.set(path, parts)
      this.#missing.delete(path)
      return parts
    } catch (error) {
      const last = this.#last.get(path)
      if (last === undefined && isMissing(error)) {
        this.#warnOfMissing(path, shown, context)
        return []
      }
      const input = errors.GW_FILE_DIRECTORY({ directory: shown, problem: reasonOf(error) })
      return [...(last ?? []), { source: shown, input, strict }]
    }
  }

  /** Once: a configuration may be read several times before it runs. */
  #warnOfMissing(path: string, directory: string, { log, main }: LoadContext): void {
    if (this.#missing.has(path)) return
    this.#missing.add(path)
    const message = 'the folder of the configuration is not there yet'
    const problem = { path: ['providers', 'file', 'directory'], code: 'GW_FILE_DIRECTORY', message }
    const { file, line, column } = main?.place?.(problem) ?? problemAt(main?.file)
    const at = line === undefined ? file : `${file}:${line}:${column}`
    log.warn({ directory, ...(at !== undefined && { at }) }, message)
  }

  /** Waits for files that may only be gone until somebody has written them again. */
  async #list(path: string, main: string | undefined, grace: Grace): Promise<FragmentList> {
    for (;;) {
      const list = await listFragments(path, main)
      const there = new Set(list.files.map((file) => file.path))
      const gone = [...this.#known.keys()].filter(
        (known) => !there.has(known) && known.startsWith(path + sep) && known !== main,
      )
      if (!(await grace.waitForAny(gone))) return list
    }
  }

  async #read({ files }: FragmentList, { shown, strict, grace }: Loading): Promise<ConfigPart[]> {
    const parts: ConfigPart[] = []
    const known = new Map<string, Known>()
    for (let at = 0; at < files.length; at += together) {
      const some = files.slice(at, at + together).map(async ({ path, name }) => {
        const source = join(shown, name)
        return { path, source, read: await this.#readWhole(path, source, grace) }
      })
      for (const { path, source, read } of await Promise.all(some)) {
        if (read === undefined) continue
        known.set(path, read)
        parts.push({ source, input: read.input, strict })
      }
    }
    this.#known = known
    return parts
  }

  /**
   * Whoever said that there is something new has read the files before, so what is found here may be
   * half of the next change. What was found like this before has had its time.
   */
  async #readWhole(path: string, source: string, grace: Grace): Promise<Known | undefined> {
    const before = this.#known.get(path)
    for (;;) {
      const read = await this.#readOne(path, source, before)
      if (before === undefined || read?.whole === true) return read
      const isNew = read === undefined || read.text !== before.text
      if (isNew && (await grace.waitForAny([path]))) continue
      // Others have used up the time that it should have had.
      return read === undefined && (await leftFor(path)) > 0 ? before : read
    }
  }

  /** Nothing if the file is gone. */
  async #readOne(path: string, source: string, before?: Known): Promise<Known | undefined> {
    const hadBlocks = before?.hadBlocks ?? false
    try {
      const text = await this.#readText(path)
      if (text === undefined) return undefined
      if (before?.text === text && !readsFiles.test(text)) return before
      if (hadBlocks && text.trim() === '') {
        return { text, input: errors.GW_FILE_EMPTY(), whole: false, hadBlocks }
      }
      return await this.#parse(text, source, hadBlocks)
    } catch (error) {
      return { text: undefined, input: asGatewayError(error), whole: false, hadBlocks }
    }
  }

  async #parse(text: string, file: string, hadBlocks: boolean): Promise<Known> {
    const allowMissingEnv = this.#allowMissingEnv
    try {
      const document = await parseHcl(text, { file, maxBytes, allowMissingEnv })
      const has = Object.keys(document.config).length > 0
      return { text, input: checked(document), whole: true, hadBlocks: has }
    } catch (error) {
      return { text, input: asGatewayError(error), whole: false, hadBlocks }
    }
  }
}

function problemAt(
  file: string | undefined,
): Partial<Pick<ConfigProblem, 'file' | 'line' | 'column'>> {
  return file === undefined ? {} : { file }
}

/** As messages name it: in the same way as the main file. */
function shownAs(directory: string, context: LoadContext): string {
  const file = context.main?.file
  if (isAbsolute(directory)) return directory
  return file === undefined ? context.resolvePath(directory) : join(dirname(file), directory)
}

/** The document, or what stands in it that may stand in the main file only. */
function checked(document: HclDocument): ConfigPart['input'] {
  const problems = Object.entries(document.config).flatMap(([key, value]): ConfigProblem[] => {
    if (!sections.includes(key)) return [foreign(key)]
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return []
    return [{ path: [key], code: 'GW_CONFIG_LABEL', message: `a "${key}" block needs a label` }]
  })
  if (problems.length === 0) return document
  return asGatewayError(new HclSyntaxError(diagnose(document, problems)))
}

function foreign(key: string): ConfigProblem {
  return {
    path: [key],
    code: 'GW_FILE_MAIN_ONLY',
    message: `"${key}" may stand in the main file only`,
    hint: `move it there; other files may have ${sections.join(', ')}`,
  }
}
