import type { GatewayResponse, HeaderList, RequestContext, Scope } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { MessageWatch } from './message.ts'
import { WatchedStream } from './watched-stream.ts'

/** The two ends of a handshake, for a middleware to return, or to call from its own. */
export interface MessageFilter {
  /** Takes out of a handshake what could not be looked at. */
  readonly onRequest: (ctx: RequestContext) => void
  /** Puts the watcher around a conversation that its server has accepted. */
  readonly onResponse: (ctx: RequestContext, response: GatewayResponse) => void
}

/** The one extension that leaves frames readable (RFC 7692). */
const deflate = 'permessage-deflate'
const field = 'sec-websocket-extensions'
const defaultContentBytes = 64 * 1024

/**
 * Looks at the messages of the WebSockets of a route, and may drop them, replace them, or close the
 * conversation. Routes without it pass bytes unread.
 *
 * Frames are held to RFC 6455, and fragments, pings and pongs pass as they are. What breaks the
 * rules closes the conversation with 1002, or 1007. If the two ends have agreed on
 * `permessage-deflate`, messages are compressed, and their sizes are those of compressed ones; with
 * {@link MessageWatch.content} the gateway lets them agree on no extension at all, otherwise on no
 * other one. Works over HTTP/1.1 and HTTP/2, and in front of a multiplexer.
 *
 * @param scope Of the middleware; for taps, `{ dryRun: false, log }`. In a dry run everything is called
 *   and nothing is carried out.
 * @example
 * ```ts
 * const middleware = defineMiddleware({
 *   type: 'text-only',
 *   schema: { type: 'object', additionalProperties: false, properties: {} },
 *   create: (_options, scope) =>
 *     watchMessages(scope, {
 *       from: 'client',
 *       open: () => ({
 *         onStart({ kind }) {
 *           if (kind === 'binary') return { close: 1003, reason: 'text only' }
 *         },
 *       }),
 *     }),
 * })
 * ```
 */
export function watchMessages(
  scope: Pick<Scope, 'dryRun' | 'log'>,
  watch: MessageWatch,
): MessageFilter {
  const { from, content = false } = watch
  const maxBytes = watch.maxBytes ?? (content ? defaultContentBytes : Number.POSITIVE_INFINITY)
  return {
    onRequest({ request }) {
      if (request.upgrade !== 'websocket') return
      const { headers } = request
      if (content) headers.delete(field)
      else keepReadable(headers)
    },
    onResponse(ctx, response) {
      const { upgrade } = response
      if (upgrade === undefined || ctx.request.upgrade !== 'websocket') return
      const isWatched = upgrade instanceof WatchedStream
      const stream = isWatched ? upgrade : new WatchedStream(upgrade, isCompressed(response))
      if (content && isCompressed(response)) throw errors.GW_WEBSOCKET_EXTENSION({ name: deflate })
      const watcher = watch.open(ctx, stream)
      if (watcher !== undefined) stream.add({ from, maxBytes, content, watcher, scope })
      else if (!stream.isClosing) return
      if (isWatched) return
      stream.begin(ctx)
      response.upgrade = stream
    },
  }
}

/** Leaves no offer but those of the extension that leaves frames readable. */
function keepReadable(headers: HeaderList): void {
  const offers = offersOf(headers)
  const kept = offers.filter((offer) => nameOf(offer) === deflate)
  if (kept.length === offers.length) return
  if (kept.length === 0) headers.delete(field)
  else headers.set(field, kept.join(', '))
}

/** Throws GW_WEBSOCKET_EXTENSION for anything that was not offered. */
function isCompressed({ headers }: GatewayResponse): boolean {
  const names = offersOf(headers).map(nameOf)
  const other = names.find((name) => name !== deflate)
  if (other !== undefined) throw errors.GW_WEBSOCKET_EXTENSION({ name: other })
  return names.length > 0
}

/** A parameter in quotes may be cut at its commas, which makes an offer that is not kept. */
function offersOf(headers: HeaderList): string[] {
  return headers
    .getAll(field)
    .flatMap((line) => line.split(','))
    .map((offer) => offer.trim())
    .filter((offer) => offer !== '')
}

function nameOf(offer: string): string {
  return (offer.split(';')[0] ?? '').trim().toLowerCase()
}
