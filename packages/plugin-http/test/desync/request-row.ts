/** One case of the table: what a client sends, and what may come of it. */
export interface RequestRow {
  readonly name: string
  /** One character for each byte. */
  readonly sends: string
  /** What reaches the upstream whole: method, target, framing, body; see `summaryOf`. */
  readonly reaches: readonly string[]
  /** Statuses that the client gets, in order, 1xx included. */
  readonly gets: readonly number[]
  /**
   * `open`: the next request on the connection is answered; `closed`: the gateway ends it; `waits`:
   * more is needed before anything can be said.
   */
  readonly ends: 'open' | 'closed' | 'waits'
  /** A request may begin at the upstream whose end never comes; its connection must close. */
  readonly cut: boolean
  /** Field lines that the first request has at the upstream, names in lower case. */
  readonly has: readonly string[]
  /** Names of fields that it does not have. */
  readonly lacks: readonly string[]
  /** Methods that the responses answer, where they are not GET. */
  readonly methods: readonly string[]
  /** Statuses when every byte comes alone, if they are others. */
  readonly slowly: readonly number[] | undefined
}

/** The rest of a row where it is not what the helper assumes. */
export type RowChanges = Partial<Omit<RequestRow, 'name' | 'sends'>>

/** Bytes that never reach the upstream: one answer, and the connection ends. */
export function refused(name: string, sends: string, status: number = 400): RequestRow {
  return row(name, sends, { gets: [status], ends: 'closed' })
}

/** A body that turns out to be none: the upstream may have seen its begin, never its end. */
export function broken(name: string, sends: string, changes: RowChanges = {}): RequestRow {
  return row(name, sends, { gets: [400], ends: 'closed', cut: true, ...changes })
}

/** Requests that reach the upstream, each answered with 200. */
export function passes(
  name: string,
  sends: string,
  reaches: string | readonly string[],
  changes: RowChanges = {},
): RequestRow {
  const list = typeof reaches === 'string' ? [reaches] : reaches
  return row(name, sends, { reaches: list, gets: list.map(() => 200), ...changes })
}

/** A request that is well-formed, but not for the upstream. */
export function answered(name: string, sends: string, status: number): RequestRow {
  return row(name, sends, { gets: [status] })
}

/** The begin of something. */
export function waits(name: string, sends: string): RequestRow {
  return row(name, sends, { ends: 'waits', cut: true })
}

function row(name: string, sends: string, changes: RowChanges): RequestRow {
  const nothing = { reaches: [], gets: [], has: [], lacks: [], methods: [], slowly: undefined }
  return { name, sends, ends: 'open', cut: false, ...nothing, ...changes }
}

/** A GET with these field lines beside Host. */
export function get(...lines: readonly string[]): string {
  return request('GET / HTTP/1.1', 'Host: a', ...lines)
}

/** The head of a POST with these field lines beside Host. */
export function post(...lines: readonly string[]): string {
  return request('POST / HTTP/1.1', 'Host: a', ...lines)
}

/** A POST whose body is in the chunked coding, as given. */
export function chunked(body: string): string {
  return post('Transfer-Encoding: chunked') + body
}

/** A head whose lines all end as they should. */
export function request(...lines: readonly string[]): string {
  return `${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}

/** What an attacker wants the upstream to see as a request of its own. */
export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'

/** A request that is welcome. */
export const next = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n'
