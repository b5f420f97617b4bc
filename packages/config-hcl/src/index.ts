/**
 * Reads HCL into a configuration object that knows where each of its values stands.
 *
 * @module
 */
export { type ProblemCode, problemCodes } from './codes.ts'
export { HclDocument, type MissingValue } from './document.ts'
export { errors, HclSyntaxError } from './errors.ts'
export type { Environment } from './evaluate/scope.ts'
export { type ParseOptions, parseHcl, type ReadOptions, readHcl } from './parse.ts'
export {
  type Diagnostic,
  diagnose,
  diagnosticsToJson,
  type Located,
} from './report/diagnostic.ts'
export { formatPath } from './report/path.ts'
export { type RenderOptions, renderDiagnostics } from './report/render.ts'
export type { Position, Range } from './source-text.ts'
