/**
 * A room in which everybody hears what anybody says.
 *
 * @module
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const page = `<!doctype html><title>Chat</title><input autofocus><ul></ul><script>
const socket = new WebSocket(location.href.replace(/^http/, 'ws'), 'chat')
socket.onmessage = ({ data }) => {
  document.querySelector('ul').append(Object.assign(document.createElement('li'), { textContent: data }))
}
document.querySelector('input').onchange = ({ target }) => {
  socket.send(target.value)
  target.value = ''
}
</script>
`

/** A running server. */
export interface Running extends AsyncDisposable {
  readonly url: string
}

/** @param port 0 lets the system choose. */
export async function startServer(port: number, name: string = 'chat'): Promise<Running> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  })
  const room = new WebSocketServer({ server, handleProtocols: () => 'chat' })
  room.on('connection', (guest) => {
    guest.send(`welcome to ${name}`)
    guest.on('message', (said, isBinary) => {
      for (const other of room.clients) other.send(said, { binary: isBinary })
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // It listens on a TCP port, so it has an AddressInfo.
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const guest of room.clients) guest.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

if (import.meta.main) {
  const { url } = await startServer(Number(process.env['PORT'] ?? 9001))
  console.log(`room on ${url}`)
}
