import { connect, startUpstream, switching } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder } from './cli.ts'

const handshake =
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

describe('SIGTERM', () => {
  it('lets a WebSocket come to its end, then exits with 0', async () => {
    await using upstream = await startUpstream(switching('websocket'))
    await using folder = await createFolder({ 'gateway.hcl': configuration(upstream.url, 30) })
    await using cli = new Cli([], { cwd: folder.path })
    using client = await connect(Number(new URL(await cli.url()).port))
    await client.send(handshake)
    expect((await client.readResponse()).status).toBe(101)

    cli.kill('SIGTERM')
    await cli.line('draining; a second signal ends it at once')
    await client.send('a last word')
    expect(String(await client.readBytes(11))).toBe('a last word')
    client.end()

    expect(await client.closed()).toBe('end')
    await cli.line('stopped')
    expect(await cli.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('ends a WebSocket in order that does not end in time', async () => {
    await using upstream = await startUpstream(switching('websocket'))
    await using folder = await createFolder({ 'gateway.hcl': configuration(upstream.url, 1) })
    await using cli = new Cli([], { cwd: folder.path })
    using client = await connect(Number(new URL(await cli.url()).port))
    await client.send(handshake)
    expect((await client.readResponse()).status).toBe(101)

    cli.kill('SIGTERM')

    expect(await client.closed()).toBe('end')
    expect(await upstream.requests[0]?.gone).toBe('end')
    expect(await cli.ended).toMatchObject({ code: 0, stderr: '' })
  })
})

function configuration(url: string, seconds: number): string {
  return `
    shutdown_timeout_secs = ${seconds}
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}
