/** What a client reads in `Server-Timing`. */
export interface Timing {
  readonly name: string
  readonly ms: number
  readonly text: string | undefined
}

const token = "[!#$%&'*+\\-.^_`|~\\w]+"
const entry = new RegExp(`^(${token});dur=([\\d.]+)(?:;desc="((?:[^"\\\\]|\\\\.)*)")?(?:, |$)`)

/** Reads the field strictly. Throws if it is none. */
export function timingsOf(value: string | readonly string[] | undefined): Timing[] {
  const timings: Timing[] = []
  let rest = [value ?? ''].flat().join(', ')
  while (rest !== '') {
    const found = entry.exec(rest)
    if (found === null) throw new Error(`no Server-Timing: ${rest}`)
    const [all, name = '', ms, text] = found
    timings.push({ name, ms: Number(ms), text: text?.replaceAll(/\\(.)/g, '$1') })
    rest = rest.slice(all.length)
  }
  return timings
}

/** Their names, in their order. */
export function namesOf(value: string | readonly string[] | undefined): string[] {
  return timingsOf(value).map(({ name }) => name)
}
