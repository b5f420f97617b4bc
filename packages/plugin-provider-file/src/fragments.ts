/**
 * Reads the files of a folder as parts of a configuration.
 *
 * @module
 */
import { dirname, isAbsolute, join } from 'node:path'
import { diagnose, type HclDocument, HclSyntaxError, parseHcl } from '@gatewright/config-hcl'
import {
  asGatewayError,
  type ConfigPart,
  type ConfigProblem,
  type LoadContext,
} from '@gatewright/kernel'
import { errors, isMissing, reasonOf } from './errors.ts'
import { type FragmentFile, type FragmentList, listFragments } from './fragment-list.ts'
import { maxBytes, readFragment } from './fragment-text.ts'
import type { FileOptions } from './options.ts'

/** Sections that may stand in every file; all others have one place, which is the main file. */
const sections = ['entrypoints', 'routers', 'services', 'middlewares']

/** Other files, so their content is no reason to take this one for unchanged. */
const readsFiles = /\bfile\s*\(/

/** So many are read at a time: while one is parsed in a thread, others are prepared for that. */
const together = 16

interface Known {
  readonly text: string
  readonly input: ConfigPart['input']
}

/** Reads the files of folders, each text once. */
export class Fragments {
  readonly #allowMissingEnv: boolean
  /** By path. */
  #known = new Map<string, Known>()
  /** What there was, by folder. */
  readonly #last = new Map<string, readonly ConfigPart[]>()

  constructor(allowMissingEnv: boolean) {
    this.#allowMissingEnv = allowMissingEnv
  }

  /** A part for each file; one more for the folder if something is wrong with that. */
  async load(directory: string, options: FileOptions, context: LoadContext): Promise<ConfigPart[]> {
    const strict = options.on_fragment_error === 'strict'
    const path = context.resolvePath(directory)
    const shown = shownAs(directory, context)
    const { main } = context
    try {
      const list = await listFragments(path, main?.file)
      const parts = await this.#read(list, shown, strict)
      this.#last.set(path, parts)
      return parts
    } catch (error) {
      const last = this.#last.get(path)
      if (last === undefined && isMissing(error)) {
        context.log.warn({ directory: shown }, 'the folder of the configuration is not there yet')
        return []
      }
      const input = errors.GW_FILE_DIRECTORY({ directory: shown, problem: reasonOf(error) })
      return [...(last ?? []), { source: shown, input, strict }]
    }
  }

  async #read({ files }: FragmentList, shown: string, strict: boolean): Promise<ConfigPart[]> {
    const parts: ConfigPart[] = []
    const known = new Map<string, Known>()
    for (let at = 0; at < files.length; at += together) {
      const some = files.slice(at, at + together).map(async (file) => {
        const source = join(shown, file.name)
        return { file, source, read: await this.#readOne(file, source) }
      })
      for (const { file, source, read } of await Promise.all(some)) {
        known.set(file.path, read)
        parts.push({ source, input: read.input, strict })
      }
    }
    this.#known = known
    return parts
  }

  async #readOne({ path }: FragmentFile, source: string): Promise<Known> {
    try {
      const text = await readFragment(path)
      const known = this.#known.get(path)
      if (known?.text === text && !readsFiles.test(text)) return known
      return { text, input: await this.#parse(text, source) }
    } catch (error) {
      return { text: '', input: asGatewayError(error) }
    }
  }

  async #parse(text: string, file: string): Promise<ConfigPart['input']> {
    try {
      const allowMissingEnv = this.#allowMissingEnv
      const document = await parseHcl(text, { file, maxBytes, allowMissingEnv })
      refuseForeign(document)
      return document
    } catch (error) {
      return asGatewayError(error)
    }
  }
}

/** As messages name it: in the same way as the main file. */
function shownAs(directory: string, context: LoadContext): string {
  const file = context.main?.file
  if (isAbsolute(directory)) return directory
  return file === undefined ? context.resolvePath(directory) : join(dirname(file), directory)
}

function refuseForeign(document: HclDocument): void {
  const problems = Object.entries(document.config).flatMap(([key, value]): ConfigProblem[] => {
    if (!sections.includes(key)) return [foreign(key)]
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return []
    return [{ path: [key], code: 'GW_CONFIG_LABEL', message: `a "${key}" block needs a label` }]
  })
  if (problems.length > 0) throw new HclSyntaxError(diagnose(document, problems))
}

function foreign(key: string): ConfigProblem {
  return {
    path: [key],
    code: 'GW_FILE_MAIN_ONLY',
    message: `"${key}" may stand in the main file only`,
    hint: `move it there; other files may have ${sections.join(', ')}`,
  }
}
