/** The servers that the example needs: two of the shop, and one each for accounts, staff and logins. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of the example. */
export interface ExampleServer extends AsyncDisposable {
  readonly url: string
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519')

if (import.meta.main) {
  await startShop('A', 8001)
  await startShop('B', 8002)
  await startShop('account', 8003)
  await startShop('admin', 8004)
  await startLogin(9091)
  console.log('the servers are ready; Ctrl+C ends them')
}

/**
 * Starts a server that says what it was asked for, and by whom. `/unreliable` fails on every server
 * but A, and `/broken` on each.
 */
export function startShop(name: string, port: number): Promise<ExampleServer> {
  return listen(port, ({ method, url, headers }, response) => {
    response.statusCode = statusOf(name, url)
    response.setHeader('server', 'shop')
    response.setHeader('content-type', 'text/plain')
    const user = headers['x-user'] ?? headers['x-consumer-name'] ?? 'nobody'
    const catalogue = url === '/catalogue' ? 'apples and pears\n'.repeat(1000) : ''
    response.end(`${name} got ${method} ${url} from ${String(user)}\n${catalogue}`)
  })
}

function statusOf(name: string, url = ''): number {
  if (url.startsWith('/broken')) return 500
  return url.startsWith('/unreliable') && name !== 'A' ? 503 : 200
}

/**
 * Starts a login server: `/token` makes a token, `/jwks.json` has the keys for it, and `/verify`
 * lets in who has a session.
 */
export function startLogin(port: number): Promise<ExampleServer> {
  return listen(port, ({ url, headers }, response) => {
    if (url === '/token') return response.end(makeToken('ann'))
    if (url === '/jwks.json') {
      const key = { ...publicKey.export({ format: 'jwk' }), kid: 'example', alg: 'EdDSA' }
      return response.end(JSON.stringify({ keys: [key] }))
    }
    if (headers.cookie === 'session=cleo') return response.setHeader('x-user', 'cleo').end()
    return response.writeHead(302, { location: 'https://login.example.com/' }).end()
  })
}

function makeToken(user: string): string {
  const exp = Math.floor(Date.now() / 1000) + 3600
  const parts = [
    { alg: 'EdDSA', kid: 'example' },
    { iss: 'https://login.example.com/', aud: 'shop', sub: user, exp },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const signature = sign(null, Buffer.from(parts.join('.')), privateKey)
  return [...parts, signature.toString('base64url')].join('.')
}

async function listen(port: number, answer: RequestListener): Promise<ExampleServer> {
  const server = createServer(answer)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
