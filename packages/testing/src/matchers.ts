/**
 * Comparisons of responses and logs, in the form in which test runners take matchers.
 *
 * @module
 */
import type { RecordedLogs } from './recorded-logs.ts'

/** What a matcher says. */
export interface Match {
  readonly pass: boolean
  /** Why it did not match, or why it did. */
  readonly message: () => string
}

/** Any response: of `inject`, `stream`, `request` or `fetch`. */
export interface ResponseLike {
  readonly status: number
  readonly headers: Headers | Readonly<Record<string, string>>
}

/** One whose body is there, or will be. */
export interface ProblemLike extends ResponseLike {
  readonly json: () => unknown
}

/** A log, or what has one. */
export type Logged = Pick<RecordedLogs, 'entries' | 'find'> | { readonly logs: RecordedLogs }

/** A response has this status. */
export function toHaveStatus(response: ResponseLike, status: number): Match {
  return {
    pass: response.status === status,
    message: () => `expected the status ${status}, found ${response.status}`,
  }
}

/** A response has this header field; without a value, with any. */
export function toHaveHeader(
  { headers }: ResponseLike,
  name: string,
  value?: string | RegExp,
): Match {
  const found = fieldOf(headers, name)
  const wanted = value === undefined ? `a field "${name}"` : `"${name}: ${String(value)}"`
  return {
    pass: found !== undefined && isLike(found, value),
    message: () => `expected ${wanted}, found ${found === undefined ? 'none' : `"${found}"`}`,
  }
}

/** A response is the problem (RFC 9457) of this code. */
export async function toBeProblem(response: ProblemLike, code: string): Promise<Match> {
  const type = fieldOf(response.headers, 'content-type') ?? 'no type'
  const isProblem = type.startsWith('application/problem+json')
  const body: unknown = isProblem ? await response.json() : undefined
  const found: unknown = Object(body)['code']
  const instead = isProblem ? String(found) : `${response.status} with ${type}`
  return { pass: found === code, message: () => `expected the problem ${code}, found ${instead}` }
}

/** A log has an entry with these fields. */
export function toHaveLogged(logged: Logged, fields: Readonly<Record<string, unknown>>): Match {
  const { entries, find } = 'logs' in logged ? logged.logs : logged
  const lines = entries.map((entry) => JSON.stringify(entry)).join('\n')
  return {
    pass: find(fields).length > 0,
    message: () => `expected an entry with ${describe(fields)}; the log has:\n${lines}`,
  }
}

function fieldOf(headers: ResponseLike['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  return headers[name.toLowerCase()]
}

function isLike(found: string, value: string | RegExp | undefined): boolean {
  if (value === undefined) return true
  return typeof value === 'string' ? found === value : value.test(found)
}

function describe(fields: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(fields)
  return pairs.map(([name, value]) => `${name}: ${String(value)}`).join(', ')
}
