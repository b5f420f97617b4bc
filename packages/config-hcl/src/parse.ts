import { readFile } from 'node:fs/promises'
import { problemOf } from '@gatewright/kernel'
import { findValues } from './attribute-values.ts'
import { HclDocument, type MissingValue } from './document.ts'
import { errors, HclSyntaxError } from './errors.ts'
import { type Environment, Scope } from './evaluate/scope.ts'
import { type JsonObject, parseText } from './grammar/grammar.ts'
import { readSyntaxError } from './grammar/syntax-error.ts'
import { markerFor } from './grammar/syntax-fault.ts'
import { byPosition, type Diagnostic } from './report/diagnostic.ts'
import { checkStructure } from './scan/check.ts'
import { maxDepth } from './scan/cursor.ts'
import { scan } from './scan/scanner.ts'
import type { Structure } from './scan/structure.ts'
import { shapeFile } from './shape.ts'
import { locateProblem, type SourceProblem } from './source-problem.ts'
import { SourceText } from './source-text.ts'

const defaultMaxBytes = 1024 * 1024

/** What a configuration may refer to, and how large it may be. */
export interface ReadOptions {
  /** Where variables come from. Default: the environment of the process. */
  readonly env?: Environment
  /** Takes variables that are not set as unknown, to check a configuration elsewhere. */
  readonly allowMissingEnv?: boolean
  /** Reads a file for `file(path)`, given its absolute path. Default: as UTF-8. */
  readonly readFile?: (path: string) => string
  /** Default 1 MiB. */
  readonly maxBytes?: number
}

/** How a text is read. */
export interface ParseOptions extends ReadOptions {
  /** Name for messages; relative paths in the text begin from its folder. */
  readonly file: string
}

/**
 * Reads a configuration from HCL text.
 *
 * Throws {@link HclSyntaxError} with every problem of the text, and GW_CONFIG_PARSER if the parser
 * died or hung.
 */
export async function parseHcl(text: string, options: ParseOptions): Promise<HclDocument> {
  return await parse(text, options)
}

/**
 * Reads a configuration file.
 *
 * Throws what {@link parseHcl} throws, and GW_CONFIG_FILE if the file cannot be read or is not UTF-8.
 */
export async function readHcl(path: string, options: ReadOptions = {}): Promise<HclDocument> {
  const text = await readText(path)
  return await parse(text, { ...options, file: path }, () => readHcl(path, options))
}

async function parse(
  text: string,
  options: ParseOptions,
  reread?: () => Promise<HclDocument>,
): Promise<HclDocument> {
  const source = new SourceText(options.file, text.replace(/^\uFEFF+/, ''))
  refuseTooLong(source, options.maxBytes ?? defaultMaxBytes)
  const structure = scan(source.text)
  refuseTooDeep(source, structure)
  const problems: SourceProblem[] = []
  const report = (problem: SourceProblem): void => void problems.push(problem)
  checkStructure(structure, source, report)
  const json = await parseGrammar(source, structure, problems)
  const missing: MissingValue[] = []
  const values = await findValues(source.text, structure.body, json, {
    scope: new Scope({ ...options, env: options.env ?? process.env }),
    report,
    onMissing: options.allowMissingEnv
      ? (variable, path) => void missing.push({ variable, path })
      : undefined,
  })
  refuse(problems.map((problem) => locateProblem(problem, source)))
  const whole = { start: 0, end: source.text.length }
  return new HclDocument(source, shapeFile(structure.body, values, whole), missing, reread)
}

async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    // The decoder's own message does not say more.
    const problem = error instanceof TypeError ? 'it is not UTF-8' : problemOf(error)
    throw errors.GW_CONFIG_FILE({ file, problem }, { cause: error })
  }
}

function refuseTooLong(source: SourceText, maxBytes: number): void {
  const bytes = Buffer.byteLength(source.text)
  if (bytes <= maxBytes) return
  const message = `the file has ${bytes} bytes, more than ${maxBytes}`
  refuse([problemAt(source, 0, 'GW_CONFIG_TOO_LARGE', message)])
}

function refuseTooDeep(source: SourceText, { failure }: Structure): void {
  if (failure?.reason !== 'depth') return
  const message = `nested deeper than ${maxDepth} levels, or a chain of more operators`
  refuse([problemAt(source, failure.offset, 'GW_CONFIG_TOO_LARGE', message)])
}

/** The parser is the judge of syntax; what the scanner found besides is told along with it. */
async function parseGrammar(
  source: SourceText,
  structure: Structure,
  found: readonly SourceProblem[],
): Promise<JsonObject> {
  const marker = markerFor(source.text)
  const json = await parseText(marker, source.text)
  const own = found.map((problem) => locateProblem(problem, source))
  if (typeof json === 'string') {
    const syntax = readSyntaxError(json, marker, source)
    const fresh = syntax.filter(({ line }) => own.every((problem) => problem.line !== line))
    refuse([...own, ...fresh])
    // Complaints without a place are about losses, and the structure check knows all of them.
    throw errors.GW_CONFIG_PARSER({ problem: json })
  }
  if (structure.failure !== undefined) {
    const { offset } = structure.failure
    refuse([...own, problemAt(source, offset, 'GW_CONFIG_SYNTAX', 'this is not understood')])
  }
  return json
}

function problemAt(
  source: SourceText,
  offset: number,
  code: 'GW_CONFIG_SYNTAX' | 'GW_CONFIG_TOO_LARGE',
  message: string,
): Diagnostic {
  const problem: SourceProblem = { code, message, path: [], span: { start: offset, end: offset } }
  return locateProblem(problem, source)
}

function refuse(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new HclSyntaxError(diagnostics.toSorted(byPosition))
}
