import { type Diagnostic, diagnosticOf } from '../report/diagnostic.ts'
import type { SourceText } from '../source-text.ts'
import { advise } from './advice.ts'
import { readFaults } from './syntax-fault.ts'

/**
 * The parser's message as diagnostics. One fault often causes more complaints about the same line,
 * so only the first of each line is kept.
 */
export function readSyntaxError(message: string, marker: string, source: SourceText): Diagnostic[] {
  const lines = new Set<number>()
  const diagnostics: Diagnostic[] = []
  for (const fault of readFaults(message, marker, source.file)) {
    const { line } = fault.range.start
    if (lines.has(line)) continue
    lines.add(line)
    const problem = { path: [], code: 'GW_CONFIG_SYNTAX', ...advise(fault, source.line(line)) }
    diagnostics.push(diagnosticOf(problem, source.file, fault.range))
  }
  return diagnostics
}
