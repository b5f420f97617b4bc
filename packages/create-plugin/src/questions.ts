import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { CreationRefused } from './creation-refused.ts'
import type { CreateFlags } from './flags.ts'
import { kinds, styles } from './kinds.ts'
import { checkName } from './names.ts'

/** A terminal with somebody in front of it. */
export interface Terminal {
  readonly stdin: Readable
  readonly stdout: Writable
}

/** The command line with what was missing. */
export interface Answers {
  readonly name: string
  readonly flags: CreateFlags
}

/**
 * Asks for what the command line does not say, and again if the answer cannot be used. Throws
 * CreationRefused if the terminal is closed instead.
 */
export async function askForMissing(
  name: string | undefined,
  flags: CreateFlags,
  { stdin, stdout }: Terminal,
): Promise<Answers> {
  using lines = createInterface({ input: stdin, output: stdout })
  const closed = Promise.withResolvers<never>()
  lines.once('close', () => closed.reject(new CreationRefused('nothing was made')))
  // Nobody may be waiting for an answer any more.
  closed.promise.catch(() => undefined)
  const ask: Ask = async (question, check) => {
    for (;;) {
      const answer = await Promise.race([lines.question(question), closed.promise])
      try {
        return check(answer.trim())
      } catch (error) {
        if (!(error instanceof CreationRefused)) throw error
        const { message, suggestion } = error
        stdout.write(`  ${message}${suggestion === undefined ? '' : `; such as ${suggestion}`}\n`)
      }
    }
  }
  const known = name ?? (await ask('Name of the plugin, such as geo-block: ', checkName))
  const kind = flags.kind ?? (await choose('What is it for?', kinds, { ask, stdout }))
  const style =
    flags.style ??
    (kind === 'middleware' ? await choose('How does it work?', styles, { ask, stdout }) : undefined)
  const js = flags.js ?? (await ask('TypeScript or JavaScript? [ts] ', readLanguage)) === 'js'
  return { name: known, flags: { ...flags, kind, js, ...(style !== undefined && { style }) } }
}

type Ask = <T>(question: string, check: (answer: string) => T) => Promise<T>

/** A list with numbers; the first one is the default. */
async function choose(
  question: string,
  choices: Readonly<Record<string, string>>,
  { ask, stdout }: { readonly ask: Ask; readonly stdout: Writable },
): Promise<string> {
  const names = Object.keys(choices)
  const width = Math.max(...names.map(({ length }) => length))
  stdout.write(`${question}\n`)
  for (const [index, name] of names.entries()) {
    stdout.write(`  ${index + 1}  ${name.padEnd(width)}  ${choices[name] ?? ''}\n`)
  }
  return ask(`Number or name: [1] `, (answer) => {
    if (answer === '') return names[0] ?? ''
    const found = names[Number(answer) - 1] ?? names.find((name) => name === answer)
    if (found !== undefined) return found
    throw new CreationRefused(`expected a number from 1 to ${names.length} or a name`)
  })
}

function readLanguage(answer: string): 'ts' | 'js' {
  if (/^(?:|ts|t|typescript)$/i.test(answer)) return 'ts'
  if (/^(?:js|j|javascript)$/i.test(answer)) return 'js'
  throw new CreationRefused('expected ts or js')
}
