import { type Diagnostic, diagnosticOf } from '../report/diagnostic.ts'
import type { SourceText } from '../source-text.ts'
import { advise } from './advice.ts'
import { isUnclosedString, isWrongCharacter, readFaults, type SyntaxFault } from './syntax-fault.ts'

/**
 * The parser's message as diagnostics. One fault often causes more complaints about the same line,
 * so only one of each line is kept; after a missing quote nothing makes sense any more.
 */
export function readSyntaxError(message: string, marker: string, source: SourceText): Diagnostic[] {
  const faults = readFaults(message, marker, source.file).toSorted(byLine)
  const lastLine = faults.find(isUnclosedString)?.range.start.line ?? Number.POSITIVE_INFINITY
  const lines = Map.groupBy(faults, ({ range }) => range.start.line)
  return [...lines].flatMap(([line, [first]]) => {
    if (first === undefined || line > lastLine) return []
    const problem = { path: [], code: 'GW_CONFIG_SYNTAX', ...advise(first, source.line(line)) }
    return [diagnosticOf(problem, source.file, first.range)]
  })
}

/** In a line, a wrong character explains more than what the parser made of it. */
function byLine(a: SyntaxFault, b: SyntaxFault): number {
  const [one, other] = [a.range.start, b.range.start]
  const byKind = Number(isWrongCharacter(b)) - Number(isWrongCharacter(a))
  return one.line - other.line || byKind || one.column - other.column
}
