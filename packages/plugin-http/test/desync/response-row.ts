/** One case of the table: what an upstream answers, and what may come of it. */
export interface ResponseRow {
  readonly name: string
  /** One character for each byte. */
  readonly answers: string
  /** The upstream closes when it has sent that. */
  readonly closes: boolean
  /** Of the request. */
  readonly method: 'GET' | 'HEAD'
  /**
   * Statuses of the interim responses, then status and body of the final one; of an error of the
   * gateway the status alone. `cut` for a response that does not come to its end.
   */
  readonly gets: string
  /** Whether the upstream's connection serves another request. */
  readonly reused: boolean
  /** Field lines that the client gets, names in lower case. */
  readonly has: readonly string[]
  /** Names of fields that it does not get. */
  readonly lacks: readonly string[]
}

/** The rest of a row where it is not what the helper assumes. */
export type ResponseChanges = Partial<Omit<ResponseRow, 'name' | 'answers' | 'gets'>>

/** No response: the client gets a 502, and the connection is not used again. */
export function bad(name: string, answers: string, changes: ResponseChanges = {}): ResponseRow {
  return row(name, answers, '502', changes)
}

/** A response that turns out to be none after its head is on its way. */
export function cut(name: string, answers: string, changes: ResponseChanges = {}): ResponseRow {
  return row(name, answers, 'cut', changes)
}

/** A response that reaches the client; its connection is used again. */
export function good(
  name: string,
  answers: string,
  gets: string,
  changes: ResponseChanges = {},
): ResponseRow {
  return row(name, answers, gets, { reused: true, ...changes })
}

/** A response that reaches the client; its connection is not used again. */
export function last(
  name: string,
  answers: string,
  gets: string,
  changes: ResponseChanges = {},
): ResponseRow {
  return row(name, answers, gets, changes)
}

function row(name: string, answers: string, gets: string, changes: ResponseChanges): ResponseRow {
  const rest = { closes: false, method: 'GET', reused: false, has: [], lacks: [] } as const
  return { name, answers, gets, ...rest, ...changes }
}

/** The head of a 200 with these field lines. */
export function ok(...lines: readonly string[]): string {
  return response('HTTP/1.1 200 OK', ...lines)
}

/** A head whose lines all end as they should. */
export function response(...lines: readonly string[]): string {
  return `${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}

/** A 200 whose body is in the chunked coding, as given. */
export function chunks(body: string): string {
  return ok('Transfer-Encoding: chunked') + body
}

/** What an attacker wants somebody else to get. */
export const smuggled = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled'
