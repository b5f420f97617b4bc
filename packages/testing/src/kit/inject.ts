/**
 * Requests as a test writes them, and as clients in memory send them.
 *
 * @module
 */
import type {
  Body,
  BodySource,
  ClientCertificate,
  GatewayConfig,
  HttpVersion,
} from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { headerListOf } from '../memory/header-list.ts'
import type { SendInit } from '../memory/memory-clients.ts'
import type { Pieces } from '../upstream/reply.ts'
import { type FieldsInit, fieldValues, flatFields } from '../wire/fields.ts'
import { PiecesSource } from './pieces-source.ts'
import { isStreamProtocol } from './wiring.ts'

/** What a client with TLS says of itself. */
export interface InjectTls {
  /** Server name. Default: the host of the URL. */
  readonly sni?: string
  readonly alpn?: string
  readonly clientCertificate?: ClientCertificate
}

/** A request that no socket carries. */
export interface InjectInit {
  /** Default GET. */
  readonly method?: string
  /** A path, dot segments and all, or a whole URL: `http://a.test/x`. Default `/`. */
  readonly url?: string
  /** `host` comes from the URL unless given. */
  readonly headers?: FieldsInit
  /** Text, bytes, or pieces that an async generator decides about. Default none. */
  readonly body?: string | Uint8Array | Pieces
  /** In place of `body`; adds the content type. */
  readonly json?: unknown
  /** After the body, which then comes in pieces. */
  readonly trailers?: FieldsInit
  /** Address of the client. Default 127.0.0.1. */
  readonly remote?: string
  /** Default: true for an `https:` URL. */
  readonly tls?: boolean | InjectTls
  /** Default 1.1. */
  readonly version?: HttpVersion
  /** Gives the request up, as a client does that goes away. */
  readonly signal?: AbortSignal
  /** Where it comes in. Default: the first entrypoint for HTTP. */
  readonly entrypoint?: string
  /** Called with each piece of the response body; what comes after it waits until this is done. */
  readonly onPiece?: SendInit['onPiece']
}

/** The same for a client in memory. */
export function sendInitOf(init: InjectInit | string): SendInit {
  const given = typeof init === 'string' ? { url: init } : init
  const { url = '/', headers = {}, method, remote, version, signal, onPiece } = given
  const { scheme, host, target } = partsOf(url)
  const fields = flatFields(headers)
  if (host !== undefined) addUnlessGiven(fields, 'host', host)
  if (given.json !== undefined) addUnlessGiven(fields, 'content-type', 'application/json')
  return {
    target,
    headers: pairsOf(fields),
    body: bodyOf(given),
    ...tlsOf(given.tls ?? scheme === 'https', host),
    method,
    version,
    signal,
    onPiece,
    remoteAddress: remote,
  }
}

function addUnlessGiven(fields: string[], name: string, value: string): void {
  if (fieldValues(fields, name).length === 0) fields.push(name, value)
}

/** The entrypoint of that name, or the first one for HTTP. Throws GW_TESTING_ENTRYPOINT. */
export function entrypointFor({ entrypoints }: GatewayConfig, name: string | undefined): string {
  const known = Object.entries(entrypoints).map(([each, { protocol }]) => ({ each, protocol }))
  const found =
    name === undefined
      ? (known.find(({ protocol }) => protocol === 'http') ??
        known.find(({ protocol }) => !isStreamProtocol(protocol)))
      : known.find(({ each }) => each === name)
  if (found !== undefined) return found.each
  throw errors.GW_TESTING_ENTRYPOINT({
    wanted: name === undefined ? 'entrypoint for HTTP' : `entrypoint "${name}"`,
    known: known.map(({ each, protocol }) => `${each} (${protocol})`),
  })
}

interface UrlParts {
  readonly scheme: string | undefined
  readonly host: string | undefined
  readonly target: string
}

/** Not through `URL`, which would tidy the path up. */
function partsOf(url: string): UrlParts {
  const [, scheme, host, rest = ''] = /^(https?):\/\/([^/?#]+)(.*)$/i.exec(url) ?? []
  const target = host === undefined ? url : rest
  return {
    scheme: scheme?.toLowerCase(),
    host,
    target: target.startsWith('/') || target === '*' ? target : `/${target}`,
  }
}

const noDetails: InjectTls = {}

function tlsOf(tls: boolean | InjectTls, host: string | undefined): Partial<SendInit> {
  if (tls === false) return {}
  const { sni, alpn, clientCertificate } = tls === true ? noDetails : tls
  return {
    encrypted: true,
    serverName: (sni ?? host?.replace(/:\d+$/, ''))?.toLowerCase(),
    alpn,
    clientCertificate,
  }
}

function bodyOf({ body, json, trailers }: InjectInit): Body | BodySource {
  const content = json === undefined ? body : JSON.stringify(json)
  const isWhole = typeof content === 'string' || content instanceof Uint8Array
  if (trailers === undefined) {
    if (content === undefined || isWhole) return content ?? null
    return new PiecesSource(content, undefined)
  }
  const pieces = isWhole ? [content] : (content ?? [])
  return new PiecesSource(pieces, headerListOf(trailers, null))
}

function pairsOf(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as const] : []))
}
