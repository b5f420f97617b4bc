import { createServer } from 'node:https'
import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Speaker, startTalker } from './talk.ts'

let files: CertificateFiles
let ca: string
let server: { readonly cert: string; readonly key: string }

beforeAll(async () => {
  const authority = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  server = await testCertificate({ names: ['127.0.0.1', 'localhost'], ca: authority })
  files = await certificateFiles({ ca: authority, server })
  ca = authority.cert
})

afterAll(() => files[Symbol.asyncDispose]())

describe('a conversation over TLS', () => {
  it.each(['http', 'ws', 'https', 'wss'])('goes on to a server with %s://', async (scheme) => {
    const isSecure = scheme === 'https' || scheme === 'wss'
    await using talker = await startTalker(
      undefined,
      {},
      isSecure ? createServer(server) : undefined,
    )
    await using gateway = await startGateway(fileFor(`${scheme}://127.0.0.1:${talker.port}`))
    const url = `wss://127.0.0.1:${gateway.port()}/room?id=7`
    using speaker = new Speaker(new WebSocket(url, { ca }))
    const big = Buffer.alloc(1024 * 1024, 'over and over')

    await speaker.opened
    speaker.socket.send(big)
    expect((await speaker.hear()).equals(big)).toBe(true)
    speaker.socket.close(4001, 'bye')

    expect(await speaker.ended).toEqual({ code: 4001, reason: 'bye' })
    expect(talker.asked[0]?.url).toBe('/room?id=7')
    expect(talker.asked[0]?.headers['x-forwarded-proto']).toBe('https')
  })

  it('cannot go on to a server that is not there, which is said at once', async () => {
    await using gateway = await startGateway(fileFor('h2c://127.0.0.1:9'))
    const socket = new WebSocket(`wss://127.0.0.1:${gateway.port()}/`, { ca })
    using speaker = new Speaker(socket)

    await expect(speaker.opened).rejects.toThrow('502')
  })
})

function fileFor(url: string): string {
  const trust = url.startsWith('https') || url.startsWith('wss')
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
      tls {
        cert_file = "${files.folder}/server.crt"
        key_file  = "${files.folder}/server.key"
      }
    }
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
        ${trust ? `upstream_tls {\n ca_files = ["${files.folder}/ca.crt"]\n }` : ''}
      }
    }
  `
}
