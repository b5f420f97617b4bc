import type { ErrorObject } from 'ajv/dist/2020.js'

/** What a value out of range should have been, or done, in plain words. */
export function rangeWords({ keyword, params, message }: ErrorObject, found: string): string {
  const limit = Number(params['limit'])
  const expected = (least: string, one: string, many: string): string =>
    `expected at ${least} ${limit === 1 ? `one ${one}` : `${limit} ${many}`}, found ${found}`
  switch (keyword) {
    case 'minLength':
      return expected('least', 'character', 'characters')
    case 'maxLength':
      return expected('most', 'character', 'characters')
    case 'minItems':
      return expected('least', 'entry', 'entries')
    case 'maxItems':
      return expected('most', 'entry', 'entries')
    case 'minProperties':
      return expected('least', 'key', 'keys')
    case 'maxProperties':
      return expected('most', 'key', 'keys')
    case 'uniqueItems':
      return sameEntries(Number(params['i']), Number(params['j']))
    default:
      return `${message ?? keyword}, found ${found}`
  }
}

/** Positions are told in either order, from 0 on. */
function sameEntries(one: number, other: number): string {
  return `entries ${Math.min(one, other) + 1} and ${Math.max(one, other) + 1} are the same`
}
