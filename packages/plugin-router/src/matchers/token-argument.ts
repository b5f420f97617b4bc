import { refuseLiteral } from './http-matcher.ts'

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * The argument at `position`, which must be a token (RFC 9110 section 5.6.2).
 * @param noun What it is, for messages. Throws ArgumentError.
 */
export function tokenArgument(args: readonly string[], position: number, noun: string): string {
  const literal = args[position] ?? ''
  if (token.test(literal)) return literal
  throw refuseLiteral(position, `"${literal}" is not a ${noun}`)
}
