import { reply, request, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'
import { RunningCli } from './support/cli.ts'

it('several workers lead a client to one server, those to come included', async () => {
  await using one = await startUpstream(reply(200, {}, 'one'))
  await using other = await startUpstream(reply(200, {}, 'other'))
  await using cli = new RunningCli(configuration([one.url, other.url]), [], { 'pid.js': plugin })
  const { address } = await cli.line('listening')
  await cli.line('ready')
  const url = `http://${String(address)}/`
  const first = await request(url)
  const [cookie = ''] = first.headerValues('set-cookie')[0]?.split(';') ?? []

  const served = await servedBy(url, cookie)
  cli.signal('SIGUSR2')
  await cli.line('workers rolled')

  expect(served).toEqual(new Set([first.text]))
  expect(await servedBy(url, cookie)).toEqual(new Set([first.text]))
}, 120_000)

const plugin = `
export default {
  name: 'pid',
  setup({ hooks }) {
    hooks.response.tap('pid', (_ctx, { headers }) => headers.set('x-pid', String(process.pid)))
  },
}
`

function configuration(urls: readonly string[]): string {
  return `
    workers = 2
    plugins "pid" {
      source = "./pid.js"
    }
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [${urls.map((url) => `{ url = "${url}" }`).join(', ')}]
        sticky {
          cookie = "server"
        }
      }
    }
  `
}

/** The servers that a client with that cookie reaches through both workers. */
async function servedBy(url: string, cookie: string): Promise<Set<string>> {
  const workers = new Set<string | undefined>()
  const servers = new Set<string>()
  while (workers.size < 2) {
    const asked = Array.from({ length: 10 }, () => request(url, { headers: { cookie } }))
    for (const { text, headers } of await Promise.all(asked)) {
      workers.add(headers['x-pid'])
      servers.add(text)
    }
  }
  return servers
}
