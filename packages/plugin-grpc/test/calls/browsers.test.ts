import { deadUrl, poolFile, startGateway, type TestGateway } from '@gatewright/testing'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { frame, framesIn } from '../frames.ts'
import { type EchoServer, paths, startEcho } from './echo-server.ts'

const blocks = `
  middlewares "cors" {
    type            = "cors"
    allowed_origins = ["https://shop.example"]
    allowed_headers = ["content-type", "x-grpc-web"]
    exposed_headers = ["grpc-status", "grpc-message"]
  }
  middlewares "web" {
    type = "grpc-web"
  }
  middlewares "keys" {
    type = "api-key"
    keys = ["0123456789abcdef0123"]
  }
`

describe.each(['', '-text'])('a browser that speaks application/grpc-web%s', (kind) => {
  it('calls servers of gRPC', async () => {
    await using echo = await startEcho()
    await using gateway = await start(echo)

    const response = await call(gateway, paths.unary, kind, ['hello'])

    expect(response.status).toBe(200)
    expect(response.type).toBe(`application/grpc-web${kind}+proto`)
    expect(response.frames).toEqual([
      [0, 'hello'],
      [0x80, expect.stringMatching(/^grpc-status:0\r\n/)],
    ])
  })

  it('gets each message of a stream while the call goes on', async () => {
    const goOn = Promise.withResolvers<void>()
    await using echo = await startEcho({
      download: (stream) => {
        stream.write(Buffer.from('one'))
        void goOn.promise.then(() => {
          stream.write(Buffer.from('two'))
          stream.end()
        })
      },
    })
    await using gateway = await start(echo)

    const response = await fetch(`${gateway.url()}${paths.download}`, initOf(kind, ['x']))
    const reader = response.body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? [])
    goOn.resolve()
    const rest: Uint8Array[] = []
    for (;;) {
      const piece = await reader?.read()
      if (piece?.value === undefined) break
      rest.push(piece.value)
    }

    expect(textsIn(decoded(first, kind))).toEqual([[0, 'one']])
    expect(textsIn(decoded(Buffer.concat(rest), kind))).toEqual([
      [0, 'two'],
      [0x80, expect.stringMatching(/^grpc-status:0\r\n/)],
    ])
  })

  it('is told how calls fail', async () => {
    await using echo = await startEcho({
      unary: (_call, done) => done({ code: status.NOT_FOUND, details: 'no such thing' }),
    })
    await using gateway = await start(echo)

    const response = await call(gateway, paths.unary, kind, ['hello'])

    expect(response).toMatchObject({ status: 200, code: '5', message: 'no%20such%20thing' })
  })

  it('is told that the server is down, in its words', async () => {
    const url = await deadUrl()
    await using gateway = await startGateway(file(url.replace('http:', 'grpc:')))

    const response = await call(gateway, paths.unary, kind, ['hello'])

    expect(response).toMatchObject({ status: 200, code: '14' })
    expect(response.allowed).toBe('https://shop.example')
    expect(response.exposed.toLowerCase()).toContain('grpc-status')
  })

  it('is told that it must say who it is, in its words', async () => {
    await using echo = await startEcho()
    await using gateway = await start(echo, ['cors', 'web', 'keys'])

    const response = await call(gateway, paths.unary, kind, ['hello'])

    expect(response).toMatchObject({ status: 200, code: '16' })
    expect(echo.calls.count).toBe(0)
  })
})

describe('a page of another origin', () => {
  it('is let through by cors', async () => {
    await using echo = await startEcho()
    await using gateway = await start(echo)

    const preflight = await gateway.request(paths.unary, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-grpc-web',
      },
    })

    expect(preflight.status).toBe(204)
    expect(preflight.headers['access-control-allow-headers']?.toLowerCase()).toContain('x-grpc-web')
    expect(echo.calls.count).toBe(0)
  })
})

function start({ port }: EchoServer, middlewares?: readonly string[]): Promise<TestGateway> {
  return startGateway(file(`grpc://127.0.0.1:${port}`, middlewares))
}

function file(url: string, middlewares: readonly string[] = ['cors', 'web']): string {
  return poolFile([url], { middlewares, blocks })
}

async function call(gateway: TestGateway, path: string, kind: string, messages: readonly string[]) {
  const response = await fetch(`${gateway.url()}${path}`, initOf(kind, messages))
  const { headers } = response
  return {
    status: response.status,
    type: headers.get('content-type'),
    code: headers.get('grpc-status'),
    message: headers.get('grpc-message'),
    allowed: headers.get('access-control-allow-origin'),
    exposed: headers.get('access-control-expose-headers') ?? '',
    frames: textsIn(decoded(Buffer.from(await response.arrayBuffer()), kind)),
  }
}

function initOf(kind: string, messages: readonly string[]) {
  const frames = messages.map((message) => frame(message))
  const text = frames.map((bytes) => bytes.toString('base64')).join('')
  return {
    method: 'POST',
    headers: {
      'content-type': `application/grpc-web${kind}+proto`,
      origin: 'https://shop.example',
      'x-grpc-web': '1',
    },
    body: kind === '' ? Buffer.concat(frames) : text,
  }
}

function textsIn(body: Buffer): [number, string][] {
  return framesIn(body).map(({ flag, message }) => [flag, message.toString('latin1')])
}

/** Groups of four, of which any may be padded. */
function decoded(body: Buffer, kind: string): Buffer {
  if (kind === '') return body
  const groups = body.toString().match(/.{4}/g) ?? []
  return Buffer.concat(groups.map((group) => Buffer.from(group, 'base64')))
}
