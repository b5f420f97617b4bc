import { execFileSync } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { RunningCli } from './support/cli.ts'

const gibibyte = 2 ** 30
const pieceBytes = 2 ** 18
/** What a transfer may add to the memory of the process, in bytes: far less than it moves. */
const allowance = 128 * 2 ** 20

describe('1 GiB with a slow reader', () => {
  it('goes down unharmed while memory stays flat', { timeout: 180_000 }, async () => {
    const sent = createHash('sha256')
    const server = createServer((_request, response) => {
      void pipeline(Readable.from(pieces(sent)), response)
    })
    await using setup = await startBehindGateway(server)

    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      request(`${setup.url}/`, resolve).on('error', reject).end()
    })
    const received = await readSlowly(response, setup)

    expect(received.bytes).toBe(gibibyte)
    expect(received.digest).toBe(sent.digest('hex'))
    expect(setup.peak - setup.before).toBeLessThan(allowance)
  })

  it('goes up unharmed while memory stays flat', { timeout: 180_000 }, async () => {
    const sent = createHash('sha256')
    const arrived = Promise.withResolvers<{ bytes: number; digest: string }>()
    const server = createServer((incoming, response) => {
      readSlowly(incoming, setup).then((result) => {
        response.end('done')
        arrived.resolve(result)
      }, arrived.reject)
    })
    await using setup = await startBehindGateway(server)

    const upload = request(`${setup.url}/`, { method: 'PUT' })
    const [, received] = await Promise.all([
      pipeline(Readable.from(pieces(sent)), upload),
      arrived.promise,
    ])

    expect(received.bytes).toBe(gibibyte)
    expect(received.digest).toBe(sent.digest('hex'))
    expect(setup.peak - setup.before).toBeLessThan(allowance)
  })
})

/** Pieces that differ from each other, so that a swapped one shows. */
function* pieces(hash: Hash): Generator<Buffer> {
  for (let index = 0; index < gibibyte / pieceBytes; index++) {
    const piece = Buffer.alloc(pieceBytes, `${index} `)
    hash.update(piece)
    yield piece
  }
}

/** Reads with pauses, and looks at the gateway's memory every now and then. */
async function readSlowly(
  stream: Readable,
  setup: GatewayInFront,
): Promise<{ bytes: number; digest: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  let looks = 0
  for await (const chunk of stream) {
    // A stream without an encoding gives buffers.
    const piece = chunk as Buffer
    hash.update(piece)
    bytes += piece.length
    if (bytes > looks * (gibibyte / 64)) {
      looks++
      setup.look()
    }
    await nextTurn()
  }
  setup.look()
  return { bytes, digest: hash.digest('hex') }
}

class GatewayInFront implements AsyncDisposable {
  readonly url: string
  readonly before: number
  peak = 0
  readonly #cli: RunningCli
  readonly #server: Server

  constructor(cli: RunningCli, server: Server, url: string) {
    this.#cli = cli
    this.#server = server
    this.url = url
    this.before = this.#residentBytes()
  }

  look(): void {
    this.peak = Math.max(this.peak, this.#residentBytes())
  }

  #residentBytes(): number {
    const output = execFileSync('ps', ['-o', 'rss=', '-p', String(this.#cli.pid)], {
      encoding: 'utf8',
    })
    return Number(output) * 1024
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cli[Symbol.asyncDispose]()
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

async function startBehindGateway(server: Server): Promise<GatewayInFront> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const cli = new RunningCli(`
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "http://127.0.0.1:${port}" }]
      }
    }
  `)
  const { address } = await cli.line('listening')
  return new GatewayInFront(cli, server, `http://127.0.0.1:${String(address).split(':').at(-1)}`)
}
