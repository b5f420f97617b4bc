import { once } from 'node:events'
import { type ClientHttp2Stream, connect } from 'node:http2'
import { startGateway } from '@gatewright/testing'
import { expect, it, vi } from 'vitest'
import { ChatClient, chatFile } from './chat-client.ts'

it('channels are the same for clients of HTTP/1.1 and of HTTP/2 (RFC 8441)', async () => {
  await using gateway = await startGateway(chatFile())
  using old = await ChatClient.open(gateway.port())
  const session = connect(gateway.url())
  await once(session, 'remoteSettings')
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/chat',
    'sec-websocket-version': '13',
  })

  const [headers]: Record<string, unknown>[] = await once(stream, 'response')
  const subscribed = [await ask(stream, '_sub:data'), ...(await old.ask('_sub:data'))]
  const heard = [await ask(stream, 'data:hello'), await old.next()]
  stream.end()
  stream.resume()
  await once(stream, 'close')

  expect(headers).toMatchObject({ ':status': 200 })
  expect(headers).not.toHaveProperty('sec-websocket-accept')
  expect(subscribed).toEqual(['_ok:subscribed to data', '_ok:subscribed to data'])
  expect(heard).toEqual(['data:hello', 'data:hello'])
  await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1))
  session.close()
})

/** Sends a short text frame and reads one (RFC 6455 section 5.2). */
async function ask(stream: ClientHttp2Stream, text: string): Promise<string> {
  const payload = Buffer.from(text)
  // A text frame of one piece, with a mask of zeros, which changes nothing.
  stream.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]))
  let frame = Buffer.alloc(0)
  while (frame.length < 2 || frame.length < 2 + (frame[1] ?? 0)) {
    // It has no encoding, so it gives bytes.
    const bytes = stream.read() as Buffer | null
    if (bytes === null) await once(stream, 'readable')
    else frame = Buffer.concat([frame, bytes])
  }
  return frame.subarray(2).toString()
}
