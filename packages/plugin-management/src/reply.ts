/** What an answer comes back as. */
export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer that programs and people can read. */
export function json(
  value: unknown,
  status: number = 200,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = `${JSON.stringify(value, undefined, 2)}\n`
  return { status, type: 'application/json; charset=utf-8', body, headers }
}

/** Why there is no answer. */
export function refusal(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return json({ error }, status, headers)
}
