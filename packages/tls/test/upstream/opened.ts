import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connectOnce, UpstreamOrigin } from '@gatewright/http1'
import {
  type ContextKey,
  isGatewayError,
  type OptionsSchema,
  validateOptions,
} from '@gatewright/kernel'
import { type RecordedLogs, recordLogs } from '@gatewright/testing'
import {
  openUpstreamTls,
  type UpstreamTls,
  type UpstreamTlsOptions,
  upstreamTlsSchema,
} from '../../src/index.ts'
import type { UpstreamTrust } from '../../src/upstream/upstream-trust.ts'
import type { Handshaken } from './tls-server.ts'

interface Block {
  readonly upstream_tls?: UpstreamTlsOptions
}

const blockSchema: OptionsSchema<Block> = {
  type: 'object',
  additionalProperties: false,
  properties: { upstream_tls: upstreamTlsSchema },
}

/** A block `upstream_tls`, active at once. */
export interface Opened extends AsyncDisposable {
  readonly tls: UpstreamTls
  readonly logs: RecordedLogs
  /** Looks at the files, as happens by itself after a change. */
  readonly check: () => Promise<void>
}

/** Opens a block as users write it. @param folder Where relative paths begin. */
export function openTls(folder: string, written?: Readonly<Record<string, unknown>>): Opened {
  const block = written === undefined ? {} : { upstream_tls: written }
  const { upstream_tls: options } = validateOptions(blockSchema, block)
  const logs = recordLogs()
  const kept: unknown[] = []
  const starts: (() => void)[] = []
  const values = new Map<ContextKey<unknown>, unknown>()
  const service = {
    name: 'app',
    get: <T>(key: ContextKey<T>) => values.get(key) as T | undefined,
    set: <T>(key: ContextKey<T>, value: T) => void values.set(key, value),
  }
  const tls = openUpstreamTls(options, service, {
    log: logs.log,
    resolvePath: (path) => `${folder}/${path}`,
    keep: (_, create) => {
      const value = create()
      kept.push(value)
      return value
    },
    onActivate: (start) => starts.push(start),
  })
  for (const start of starts) start()
  // Nothing else is kept.
  const trust = kept[0] as UpstreamTrust
  return {
    tls,
    logs,
    check: () => trust.check(),
    [Symbol.asyncDispose]: () => trust[Symbol.asyncDispose](),
  }
}

/** How a connection ended that was to say one line and then no more. */
export type Visit =
  | { readonly seen: Handshaken; readonly echo: string }
  | { readonly code: string; readonly message: string; readonly retryable: boolean }

/** Connects, says `ping` and reads what comes back. */
export async function visit(
  tls: UpstreamTls,
  url: string,
  protocols: string[] = [],
): Promise<Visit> {
  const dialer = tls.dialer(protocols)
  try {
    const socket = await connectOnce(new UpstreamOrigin(new URL(url)), dialer, unlimited)
    return await converse(socket)
  } catch (error) {
    const known = error instanceof Error ? (dialer.loss(url, error) ?? error) : error
    if (!isGatewayError(known)) throw error
    return { code: known.code, message: known.message, retryable: known.retryable }
  }
}

async function converse(socket: Socket): Promise<Visit> {
  socket.end('ping')
  const [first = '', echo = ''] = (await text(socket)).split('\n')
  // The server writes it.
  return { seen: JSON.parse(first) as Handshaken, echo }
}

const unlimited = new AbortController().signal
