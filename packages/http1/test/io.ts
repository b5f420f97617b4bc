import { Io, ioChoices } from '../src/index.ts'

const choice = ioChoices.find((known) => known === process.env['GATEWRIGHT_IO']) ?? 'auto'

/** Makes wires as the environment says; the tests run with both kinds. */
export const io: Io = new Io()

const problem = await io.prepare(choice)
if (problem !== undefined) throw new Error(`fast I/O: ${problem}`)
io.onTlsProblem = (tlsProblem) => {
  throw new Error(`fast I/O with TLS: ${tlsProblem}`)
}
await io.prepareTls()
io.use(choice)
