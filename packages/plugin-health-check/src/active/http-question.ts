import { HeaderList } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { HealthCheckOptions } from '../options.ts'
import { StatusRanges } from './status-ranges.ts'

/** Fields that belong to the connection, or have a key of their own. */
const reserved = /^(?:host|connection|content-length|transfer-encoding|upgrade|keep-alive|te)$/i

/** How much of a body is looked at. */
const maxBodyBytes = 64 * 1024

/** What a server is asked, and which answers are good ones. */
export class HttpQuestion {
  readonly method: NonNullable<HealthCheckOptions['method']>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly host: string | undefined
  readonly #path: string
  readonly #options: Pick<HealthCheckOptions, 'port' | 'scheme'>
  readonly #statuses: StatusRanges
  readonly #text: Buffer | undefined

  /** Throws GW_HEALTH_CHECK_NO_PATH, …_BAD_STATUS and …_BAD_HEADER. */
  constructor(options: HealthCheckOptions) {
    if (options.path === undefined) throw errors.GW_HEALTH_CHECK_NO_PATH()
    this.method = options.method ?? 'GET'
    this.host = options.host
    this.headers = {
      'user-agent': 'gatewright-healthcheck',
      ...checkedHeaders(options.headers ?? {}),
    }
    this.#path = options.path
    this.#options = options
    this.#statuses = new StatusRanges(options.status ?? '200-299')
    const { body_contains: text } = options
    this.#text = text === undefined ? undefined : Buffer.from(text)
  }

  /** What is asked for; the path of the server's URL stands in front. */
  urlFor(server: URL): URL {
    const { scheme, port } = this.#options
    const url = new URL(server)
    // A URL does not let go of a scheme such as `h2c` for another one.
    const rest = url.href.slice(url.protocol.length)
    // A question about a server of WebSockets is a plain request.
    const own = url.protocol.slice(0, -1).replace(/^ws/, 'http')
    const asked = new URL(`${scheme ?? own}:${rest}`)
    if (port !== undefined) asked.port = String(port)
    const target = asked.href.replace(/\/+$/, '') + this.#path
    return new URL(target)
  }

  /** Throws unless the answer is a good one; the body is read no further than that takes. */
  async check(status: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    if (!this.#statuses.has(status)) throw new Error(`status ${status}`)
    const text = this.#text
    if (text === undefined) return
    let seen = Buffer.alloc(0)
    for await (const chunk of body) {
      seen = Buffer.concat([seen, chunk]).subarray(0, maxBodyBytes)
      if (seen.includes(text)) return
      if (seen.length === maxBodyBytes) break
    }
    throw new Error(`the body has no ${JSON.stringify(text.toString())}`)
  }
}

function checkedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    try {
      if (reserved.test(name)) throw new Error('reserved')
      new HeaderList().set(name.toLowerCase(), value)
    } catch {
      throw errors.GW_HEALTH_CHECK_BAD_HEADER({ name }, { option: ['headers', name] })
    }
    checked[name.toLowerCase()] = value
  }
  return checked
}
