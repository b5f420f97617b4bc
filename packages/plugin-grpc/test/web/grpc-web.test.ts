import { errors } from '@gatewright/kernel'
import {
  type MemoryResponse,
  type MountedMiddleware,
  mountMiddleware,
  type Script,
  type SendInit,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { grpcStatus, grpcWeb } from '../../src/index.ts'
import { frame, framesIn } from '../frames.ts'
import { BrokenSource, OpenSource } from '../sources.ts'

const answer = {
  headers: { 'content-type': 'application/grpc+proto', 'x-a': 'b' },
  body: frame('hi'),
  trailers: { 'grpc-status': '0', 'x-late': 'c' },
}

describe('a call of a browser', () => {
  it('reaches the server as one of gRPC', async () => {
    await using mounted = await mount(answer)

    await call(mounted, { headers: { 'x-grpc-web': '1', accept: '*/*', 'x-user-agent': 'me' } })

    const [request] = mounted.upstream.requests
    expect(request?.body).toEqual(frame('hello'))
    expect(request?.headers).toMatchObject({
      'content-type': 'application/grpc+proto',
      'x-user-agent': 'me',
    })
    expect(request?.headers).not.toHaveProperty('x-grpc-web')
    expect(request?.headers).not.toHaveProperty('accept')
  })

  it('gets the trailers as the last frame', async () => {
    await using mounted = await mount(answer)

    const response = await call(mounted)

    expect(response).toMatchObject({ status: 200, headers: { 'x-a': 'b' } })
    expect(response.headers['content-type']).toBe('application/grpc-web+proto')
    expect(response.headers).not.toHaveProperty('content-length')
    expect(textsIn(response.body)).toEqual([
      [0, 'hi'],
      [0x80, 'grpc-status:0\r\nx-late:c\r\n'],
    ])
    expect(response.ctx.get(grpcStatus)?.name).toBe('OK')
  })

  it('gets a status alone in the head', async () => {
    const headers = { 'content-type': 'application/grpc', 'grpc-status': '5', 'grpc-message': 'no' }
    await using mounted = await mount({ headers })

    const response = await call(mounted)

    expect(response.body).toHaveLength(0)
    expect(response.headers).toMatchObject({
      'content-type': 'application/grpc-web+proto',
      'grpc-status': '5',
      'grpc-message': 'no',
    })
  })

  it('may be in base64, in pieces that were encoded one by one', async () => {
    await using mounted = await mount(answer)
    const body = Buffer.from(['a', 'bc', 'defg'].map((text) => base64(frame(text))).join(''))

    const response = await call(mounted, {
      body,
      headers: { 'content-type': 'application/grpc-web-text' },
    })

    const expected = Buffer.concat([frame('a'), frame('bc'), frame('defg')])
    expect(mounted.upstream.requests[0]?.body).toEqual(expected)
    expect(mounted.upstream.requests[0]?.headers).not.toHaveProperty('content-length')
    expect(response.headers['content-type']).toBe('application/grpc-web-text+proto')
    expect(textsIn(fromBase64(response.body))).toEqual([
      [0, 'hi'],
      [0x80, 'grpc-status:0\r\nx-late:c\r\n'],
    ])
  })

  it.each([
    ['application/grpc-web+proto', 'application/grpc-web-text', 'application/grpc-web-text+proto'],
    ['application/grpc-web-text', 'application/grpc-web+proto', 'application/grpc-web+proto'],
    ['application/grpc-web-text', 'text/html, */*', 'application/grpc-web-text+proto'],
  ])('sent as %s gets what it accepts, %s', async (type, accept, expected) => {
    await using mounted = await mount(answer)
    const body = type.includes('text') ? base64(frame('x')) : frame('x')

    const response = await call(mounted, { body, headers: { 'content-type': type, accept } })

    expect(response.headers['content-type']).toBe(expected)
  })

  it('keeps the way in which messages are written', async () => {
    const headers = { 'content-type': 'application/grpc+json' }
    await using mounted = await mount({ ...answer, headers })

    const response = await call(mounted, {
      headers: { 'content-type': 'application/grpc-web+json' },
    })

    expect(mounted.upstream.requests[0]?.headers['content-type']).toBe('application/grpc+json')
    expect(response.headers['content-type']).toBe('application/grpc-web+json')
  })

  it('is told that its body is not what it says', async () => {
    await using mounted = await mount(answer)

    const response = await call(mounted, {
      body: 'no base64!',
      headers: { 'content-type': 'application/grpc-web-text' },
    })

    expect(response.headers['grpc-status']).toBe('13')
  })

  it.each([
    ['a failure', errors.GW_UPSTREAM_CONNECT({ endpoint: 'x', problem: 'refused' }), '14'],
    ['an error page', { status: 502, headers: { 'content-type': 'text/html' }, body: '<' }, '14'],
    ['401', 401, '16'],
    ['no body', { headers: { 'content-type': 'application/grpc' } }, '2'],
  ] satisfies [string, Script, string][])(
    'is told of %s in a status',
    async (_what, upstream, code) => {
      await using mounted = await mount(upstream)

      const response = await call(mounted)

      expect(response.status).toBe(200)
      expect(response.body).toHaveLength(0)
      expect(response.headers).toMatchObject({
        'content-type': 'application/grpc-web+proto',
        'grpc-status': code,
      })
    },
  )

  it('is told of its deadline, also after the answer has begun', async () => {
    const body = new OpenSource(frame('hi'))
    await using mounted = await mount({ headers: answer.headers, body })

    const response = await call(mounted, { headers: { 'grpc-timeout': '1m' } })

    expect(textsIn(response.body)).toEqual([
      [0, 'hi'],
      [0x80, 'grpc-status:4\r\ngrpc-message:Deadline exceeded\r\n'],
    ])
    expect(body.cancelled).toBe(true)
  })

  it('is told that nobody can tell when its deadline is', async () => {
    await using mounted = await mount(answer)

    const response = await call(mounted, { headers: { 'grpc-timeout': 'soon' } })

    expect(response.headers['grpc-status']).toBe('13')
    expect(mounted.upstream.requests).toEqual([])
  })

  it('is told in the last frame that the server broke off', async () => {
    const body = new BrokenSource(frame('hi'), errors.GW_BODY_TOO_LARGE({ limit: 1 }))
    await using mounted = await mount({ headers: answer.headers, body })

    const response = await call(mounted)

    expect(textsIn(response.body)).toEqual([
      [0, 'hi'],
      [0x80, expect.stringContaining('grpc-status:8\r\n')],
    ])
  })

  it('gets each message before the next one is there', async () => {
    const body = new OpenSource(frame('first'))
    const controller = new AbortController()
    const pieces: Buffer[] = []
    await using mounted = await mount({ headers: answer.headers, body })

    await call(mounted, {
      headers: { 'content-type': 'application/grpc-web-text' },
      body: base64(frame('x')),
      signal: controller.signal,
      onPiece: (piece) => {
        pieces.push(piece)
        controller.abort()
      },
    })

    expect(textsIn(fromBase64(Buffer.concat(pieces)))).toEqual([[0, 'first']])
    expect(body.cancelled).toBe(true)
  })
})

describe('grpc-web', () => {
  it.each([
    ['JSON', { method: 'POST', headers: { 'content-type': 'application/json' } }],
    ['a preflight', { method: 'OPTIONS', headers: { 'content-type': 'application/grpc-web' } }],
    ['nothing at all', { method: 'GET', headers: {} }],
  ])('has nothing to do with %s', async (_what, init) => {
    await using mounted = await mount({ ...answer, status: 404 })

    const response = await mounted.send(init)

    expect(response.status).toBe(404)
    expect(response.body).toEqual(frame('hi'))
  })
})

function mount(upstream: Script): Promise<MountedMiddleware> {
  return mountMiddleware(grpcWeb, {}, { upstream })
}

interface CallInit extends SendInit {
  readonly headers?: Readonly<Record<string, string>>
}

function call({ send }: MountedMiddleware, init: CallInit = {}): Promise<MemoryResponse> {
  const { headers, ...rest } = init
  return send({
    method: 'POST',
    target: '/shop.Cart/Add',
    body: frame('hello'),
    ...rest,
    headers: { 'content-type': 'application/grpc-web+proto', ...headers },
  })
}

function textsIn(body: Buffer): [number, string][] {
  return framesIn(body).map(({ flag, message }) => [flag, message.toString('latin1')])
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64')
}

/** Groups of four, of which any may be padded. */
function fromBase64(text: Buffer): Buffer {
  const groups = text.toString().match(/.{4}/g) ?? []
  return Buffer.concat(groups.map((group) => Buffer.from(group, 'base64')))
}
