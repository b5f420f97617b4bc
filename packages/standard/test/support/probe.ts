/**
 * Loads what a configuration lists, in a process of its own: under a test runner the modules of
 * plugins would be transformed before Node sees them. Prints the log, and a line with what came of it.
 */
import { type ConfigProblem, Gateway } from '@gatewright/kernel'
import { createLoader } from '../../src/index.ts'

const [, , baseDir = '.', text = '{}'] = process.argv
const gateway = new Gateway({ loader: createLoader({ baseDir }) })
const problems: readonly ConfigProblem[] = await gateway.validate(JSON.parse(text))
process.stdout.write(`${JSON.stringify({ problems, plugins: gateway.plugins })}\n`)
