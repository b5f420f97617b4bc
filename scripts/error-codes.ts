/**
 * Every code that Gatewright can raise or report, found in the sources: those of error catalogues
 * with what the catalogue says, and those of problems that are only reported.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readPackages } from './workspace.ts'

/** One code. */
export interface ErrorCode {
  readonly code: string
  /** Name of the package whose sources have it. */
  readonly package: string
  /** Folder of that package below `packages`. */
  readonly folder: string
  /** What a catalogue says; `undefined` for what is only reported. */
  readonly kind: CatalogueEntry | undefined
}

/** What the catalogue says about a code, with `‹name›` in the place of parameters. */
export interface CatalogueEntry {
  readonly message: string
  readonly status: number
  readonly source: string
  readonly hint: string | undefined
}

type Codes = readonly (readonly [code: string, kind: CatalogueEntry | undefined])[]

/** A catalogue's function, and what it makes. */
type Make = (params: unknown) => {
  readonly message: string
  readonly kind: { readonly status: number; readonly source: string; readonly hint?: string }
}

/** All codes in the order of their names, each with the first package that has it. */
export async function listErrorCodes(): Promise<ErrorCode[]> {
  const found = new Map<string, ErrorCode>()
  for (const { folder, manifest } of readPackages()) {
    const shared = { package: manifest.name, folder: basename(folder) }
    for (const [code, kind] of await readPackageCodes(folder)) {
      if (kind !== undefined || !found.has(code)) found.set(code, { code, ...shared, kind })
    }
  }
  return [...found.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1))
}

/** What is raised comes after what is reported, so that it counts. */
async function readPackageCodes(folder: string): Promise<Codes> {
  const files = globSync('src/**/*.ts', { cwd: folder }).toSorted()
  const codes = await Promise.all(files.map((file) => readFileCodes(join(folder, file))))
  return codes.flat().toSorted(([, a], [, b]) => Number(a !== undefined) - Number(b !== undefined))
}

async function readFileCodes(file: string): Promise<Codes> {
  const text = readFileSync(file, 'utf8')
  // Also those of catalogues that nobody exports.
  const written = /'(GW_[A-Z0-9_]*[A-Z0-9])'|^ {2}(GW_[A-Z0-9_]+): \{/gm
  const literals = withoutComments(text).matchAll(written)
  const reported = [...literals].map(([, code, key = '']) => [code ?? key, undefined] as const)
  const raised = text.includes('defineErrors(') ? await readCatalogues(file) : []
  return [...reported, ...raised]
}

async function readCatalogues(file: string): Promise<Map<string, CatalogueEntry>> {
  const exported: Record<string, unknown> = await import(pathToFileURL(file).href)
  const makers = Object.values(exported).flatMap((value) =>
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  )
  const own = makers.filter(([code, make]) => code.startsWith('GW_') && typeof make === 'function')
  return new Map(own.map(([code, make]) => [code, readEntry(make as Make)]))
}

function readEntry(make: Make): CatalogueEntry {
  const { message, kind } = make(placeholder(''))
  const { status, source, hint } = kind
  return { message, status, source, hint }
}

/** What messages call for the text of a parameter. */
const textual = new Set<string | symbol>(['toString', 'toJSON', 'join'])

/** Prints its name, whatever a message does with it: takes members, joins, maps or sorts it. */
function placeholder(name: string): unknown {
  const text = (): string => `‹${name}›`
  return new Proxy(() => undefined, {
    get: (_target, key) => {
      if (key === Symbol.toPrimitive || textual.has(key)) return text
      if (key === 'length') return 1
      if (typeof key === 'symbol') return undefined
      return placeholder(key)
    },
    apply: () => placeholder(name),
  })
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}
