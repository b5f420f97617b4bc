/**
 * `npm start`: two demo servers on free ports, and a gateway in front of them. Arguments go to the
 * `gatewright` command: `npm start -- --listen 127.0.0.1:9090`.
 *
 * @module
 */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunOptions, run } from '@gatewright/cli'
import { startDemoServer } from './demo-server.ts'

const config = relative('.', fileURLToPath(new URL('gateway.hcl', import.meta.url)))

await using a = await startDemoServer('A', true)
await using b = await startDemoServer('B', false)
process.env['DEMO_A'] = a.url
process.env['DEMO_B'] = b.url

process.exitCode = await run(['--config', config, ...process.argv.slice(2)], { onReady: explain })

function explain({ addresses }: Parameters<NonNullable<RunOptions['onReady']>>[0]): void {
  const { address, port } = addresses.get('web') ?? { address: '127.0.0.1', port: 8080 }
  const isAny = address === '0.0.0.0' || address === '::'
  const host = isAny ? 'localhost' : address.includes(':') ? `[${address}]` : address
  const url = `http://${host}:${port}`
  console.log(`
Try it:
  curl ${url}/api/hello         # the servers take turns, and see /hello
  curl ${url}/api/unreliable    # server B fails, so the request is sent again, to A
  curl ${url}/unreliable        # the same without a retry: every second request fails

The configuration is ${config}. Changes count as soon as you save them.
Ctrl+C ends everything.
`)
}
