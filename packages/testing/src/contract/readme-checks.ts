/**
 * That a README tells the options that there are.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { type Check, mustHold } from '../conformance/check.ts'

interface Option {
  readonly key: string
  readonly preset: unknown
}

/** A plugin or a component, as far as it has options. */
interface Described {
  readonly schema?: object
}

/** None without a README. */
export function readmeChecks(
  described: readonly Described[],
  given: string | URL | undefined,
): readonly Check[] {
  if (given === undefined) return []
  return [
    {
      name: 'has a README whose tables tell every option, with its default, and no other',
      run: async () => tells(await readFile(given, 'utf8'), described),
    },
  ]
}

function tells(readme: string, described: readonly Described[]): void {
  const rows = optionRows(readme)
  const options = described.flatMap(optionsOf)
  for (const { key, preset } of options) {
    const found = rows.filter((row) => row.key === key)
    mustHold(found.length > 0, `no table of options has a row for \`${key}\``)
    if (preset === undefined) continue
    const written = JSON.stringify(preset)
    const isTold = found.some(({ text }) => text.includes(written))
    mustHold(isTold, `the row for \`${key}\` does not tell its default, ${written}`)
  }
  const stale = rows.find((row) => !options.some(({ key }) => row.key.split('.')[0] === key))
  mustHold(stale === undefined, `there is a row for \`${stale?.key}\`, which is no option`)
}

function optionsOf({ schema }: Described): Option[] {
  const properties: Readonly<Record<string, unknown>> = Object(Object(schema)['properties'])
  return Object.entries(properties).map(([key, option]) => ({
    key,
    preset: Object(option)['default'],
  }))
}

/** Rows of the tables whose first column is headed `key` or `option`. */
function optionRows(readme: string): { readonly key: string; readonly text: string }[] {
  const rows: { key: string; text: string }[] = []
  let inTable = false
  for (const line of readme.split('\n')) {
    if (/^\|\s*(?:key|option)\s*\|/i.test(line)) inTable = true
    else if (!line.startsWith('|')) inTable = false
    const key = inTable ? /^\|\s*`([^`]+)`/.exec(line)?.[1] : undefined
    if (key !== undefined) rows.push({ key, text: line })
  }
  return rows
}
