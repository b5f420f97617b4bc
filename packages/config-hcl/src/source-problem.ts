import type { ConfigProblem } from '@gatewright/kernel'
import type { ProblemCode } from './codes.ts'
import { type Diagnostic, diagnosticOf } from './report/diagnostic.ts'
import type { SourceText, Span } from './source-text.ts'

/** Something that is wrong at a place in the text. */
export interface SourceProblem extends ConfigProblem {
  readonly code: ProblemCode
  readonly span: Span
}

export type ReportSource = (problem: SourceProblem) => void

export function locateProblem(problem: SourceProblem, source: SourceText): Diagnostic {
  const { span, ...rest } = problem
  return diagnosticOf(rest, source.file, source.range(span))
}
