import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('start.ts', import.meta.url))

describe('the quickstart', () => {
  it('does what it tells its user to try, and ends with Ctrl+C', async () => {
    const child = start('--listen', '127.0.0.1:0')
    const output = collect(child)

    const printed = await output.match(/Try it:[^]+Ctrl\+C/)
    const [hello = '', retried = '', failing = ''] = [...printed.matchAll(/curl (\S+)/g)].map(
      ([, url]) => url,
    )
    const greetings = [await get(hello), await get(hello)]
    const mended = [await get(retried), await get(retried), await get(retried)]
    const plain = [await get(failing), await get(failing)]
    child.kill('SIGINT')
    const [code] = await once(child, 'close')

    expect(greetings.toSorted(byBody)).toEqual([
      { status: 200, body: 'server A got GET /hello\n' },
      { status: 200, body: 'server B got GET /hello\n' },
    ])
    expect(mended.map(({ body }) => body)).toEqual(Array(3).fill('server A got GET /unreliable\n'))
    expect(plain.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 503])
    expect({ code, stderr: output.stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('says which port is taken, and ends with 3', async () => {
    const taken = createServer()
    taken.listen(0, '127.0.0.1')
    await once(taken, 'listening')
    // Bound to a TCP port, so it has an AddressInfo.
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`

    const child = start('--listen', address)
    const output = collect(child)
    const [code] = await once(child, 'close')
    taken.close()

    expect(code).toBe(3)
    expect(output.stderr).toContain(`cannot listen on ${address}: the address is in use`)
  })
})

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000,
  })
}

interface Output {
  readonly stderr: string
  /** The first text on standard output that matches, as soon as it is there. */
  match(pattern: RegExp): Promise<string>
}

function collect(child: ChildProcess): Output {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data) => (stdout += String(data)))
  child.stderr?.on('data', (data) => (stderr += String(data)))
  return {
    get stderr() {
      return stderr
    },
    async match(pattern) {
      for (;;) {
        const [found] = pattern.exec(stdout) ?? []
        if (found !== undefined) return found
        if (child.exitCode !== null) throw new Error(`it ended:\n${stdout}\n${stderr}`)
        const { stdout: stream } = child
        if (stream === null) throw new Error('there is no output')
        await Promise.race([once(stream, 'data'), once(child, 'close')])
      }
    },
  }
}

async function get(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  return { status: response.status, body: await response.text() }
}

function byBody(a: { readonly body: string }, b: { readonly body: string }): number {
  return a.body < b.body ? -1 : 1
}
