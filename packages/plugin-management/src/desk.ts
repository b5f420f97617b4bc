import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import { asGatewayError, type RunningGateway, type Scope } from '@gatewright/kernel'
import type { Access, Actor, Role } from './access.ts'
import { Allowance } from './allowance.ts'
import type { Endpoint, Methods } from './endpoint.ts'
import { RareLines } from './rare-lines.ts'
import { json, type Reply, refusal } from './reply.ts'
import { readBody } from './request-body.ts'
import { type Target, targetOf } from './target.ts'

const requestsPerSecond = 20

/** What holds for requests from now on. */
export interface DeskSettings {
  readonly access: Access
  readonly prefix: string
}

/** What a desk works with. */
export interface DeskParts {
  readonly running: RunningGateway
  readonly log: Scope['log']
  /** Aborts when the listener is to come to its end. */
  readonly ending: AbortSignal
}

/** Answers the requests of one listener. */
export class Desk {
  settings: DeskSettings
  readonly #parts: DeskParts
  readonly #allowance = new Allowance(requestsPerSecond)
  readonly #denials = new RareLines()

  constructor(settings: DeskSettings, parts: DeskParts) {
    this.settings = settings
    this.#parts = parts
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { running, ending } = this.#parts
    let reply: Reply
    try {
      reply = await this.#answer(request)
    } catch (error) {
      if (request.destroyed && !request.complete) return
      reply = this.#failure(error, request.url)
    }
    // What is left of a body would have to be read first.
    const closes = !request.complete || ending.aborted || running.state !== 'running'
    response.writeHead(reply.status, {
      ...reply.headers,
      'Content-Type': reply.type,
      'Content-Length': Buffer.byteLength(reply.body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(closes && { Connection: 'close' }),
    })
    response.end(reply.body)
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const { access, prefix } = this.settings
    const target = targetOf(request.url ?? '', prefix)
    if (target === undefined) return refusal(404, 'Not found')
    const denial = this.#stranger(request, access)
    if (denial !== undefined) return this.#deny(request, 403, denial)
    const endpoint = endpointFor(target.methods, request.method)
    const role = endpoint === undefined ? 'read' : endpoint.role
    if (role === undefined) return await this.#run(endpoint, request, target)
    if (!this.#allowance.take(performance.now())) {
      return refusal(429, 'too many requests', { 'Retry-After': '1' })
    }
    const actor = access.actorOf(request.headers.authorization)
    if (actor === undefined) {
      const challenge = { 'WWW-Authenticate': 'Bearer realm="gatewright management"' }
      return this.#deny(request, 401, 'a token is needed: Authorization: Bearer …', challenge)
    }
    if (endpoint === undefined) {
      const allow = allowOf(target.methods)
      return refusal(405, `expected ${allow}`, { Allow: allow })
    }
    if (!actor.roles.includes(role)) return this.#deny(request, 403, needs(role))
    const reply = await this.#run(endpoint, request, target)
    if (role === 'admin') this.#record(request, actor, reply)
    return reply
  }

  async #run(
    endpoint: Endpoint | undefined,
    request: IncomingMessage,
    { name, server, query }: Target,
  ): Promise<Reply> {
    if (endpoint === undefined) return refusal(404, 'Not found')
    const { running, ending } = this.#parts
    const { takes } = endpoint
    let body: string | undefined = ''
    if (takes !== undefined) {
      if (!takes.includes(mediaTypeOf(request))) {
        return refusal(415, `expected Content-Type: ${takes.join(' or ')}`)
      }
      body = await readBody(request)
      if (body === undefined) return refusal(413, 'the body is longer than 1 MiB')
    }
    const { headers } = request
    return await endpoint.answer({ running, headers, name, server, query, body, ending })
  }

  #failure(error: unknown, url: string | undefined): Reply {
    const { source, status, message, code, kind } = asGatewayError(error)
    const advice = kind.hint === undefined ? {} : { hint: kind.hint }
    // The question is wrong, not the one who answers.
    if (source === 'client') return json({ error: message, code, ...advice }, status)
    this.#parts.log.error({ err: error, path: pathOf(url) }, 'an answer could not be made')
    return refusal(500, 'the answer could not be made; the log says why')
  }

  /** Why somebody may not ask anything; `undefined` if they may. */
  #stranger({ socket, headers, method }: IncomingMessage, access: Access): string | undefined {
    if (!access.allowsAddress(socket.remoteAddress)) return 'this address may not ask'
    if (!access.allowsHost(headers.host)) return 'the name in Host is none of this listener'
    // No page of any site has a reason to change something here.
    const isSafe = method === 'GET' || method === 'HEAD'
    return !isSafe && headers.origin !== undefined ? 'pages may change nothing' : undefined
  }

  #deny(
    request: IncomingMessage,
    status: number,
    reason: string,
    headers?: Readonly<Record<string, string>>,
  ): Reply {
    const count = this.#denials.take(performance.now())
    const { method, url, socket } = request
    const remoteAddress = socket.remoteAddress
    const fields = { remoteAddress, method, path: pathOf(url), status, reason }
    if (count > 0) this.#parts.log.warn({ ...fields, count }, 'management request denied')
    return refusal(status, reason, headers)
  }

  #record({ method, url, socket }: IncomingMessage, actor: Actor, { status }: Reply): void {
    const { remoteAddress } = socket
    const certificate =
      socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subject : undefined
    const shown = { actor: actor.name, ...(certificate !== undefined && { certificate }) }
    const fields = { ...shown, remoteAddress, method, path: pathOf(url), status }
    this.#parts.log.info(fields, 'management action')
  }
}

function endpointFor(methods: Methods, method: string | undefined): Endpoint | undefined {
  if (method === 'GET' || method === 'HEAD') return methods.GET
  return method === 'POST' ? methods.POST : undefined
}

function allowOf({ GET: get, POST: post }: Methods): string {
  const reading = get === undefined ? [] : ['GET', 'HEAD']
  return [...reading, ...(post === undefined ? [] : ['POST'])].join(', ')
}

function needs(role: Role): string {
  return role === 'admin' ? 'this takes the admin_token' : 'this token does not open it'
}

function mediaTypeOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Without the query, where nobody should put a secret and somebody may. */
function pathOf(url: string | undefined): string | undefined {
  return url?.split('?')[0]
}
