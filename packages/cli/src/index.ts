/**
 * The `gatewright` command for programs that run it inside of themselves.
 *
 * @module
 */
export type { ExitCode } from './exit-code.ts'
export { type RunOptions, run } from './program.ts'
