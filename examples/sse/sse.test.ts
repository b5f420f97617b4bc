import { readFileSync } from 'node:fs'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startServer } from './server.ts'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')

describe('the example of events', () => {
  it('tells every listener what somebody posts, when it is posted, over a reload too', async () => {
    await using server = await startServer(0)
    const env = { WEB_ADDRESS: '127.0.0.1:0', NEWS: server.url }
    await using gateway = await startGateway(file, { env })
    await using one = await listen(gateway)
    await using other = await listen(gateway)

    const rain = await post(gateway, 'it is raining')
    const heard = [await one.next(), await other.next()]
    await gateway.reload(file)
    await post(gateway, 'the sun\nis shining')

    expect(one.headers.get('content-encoding')).toBe('br')
    expect(one.headers.get('x-accel-buffering')).toBe('no')
    expect(rain).toBe('told 2\n')
    expect(heard).toEqual(Array(2).fill('id: 1\ndata: it is raining\n\n'))
    expect(await one.next()).toBe('id: 2\ndata: the sun\ndata: is shining\n\n')
  })

  it('tells a browser that comes back what it has missed', async () => {
    await using server = await startServer(0)
    const env = { WEB_ADDRESS: '127.0.0.1:0', NEWS: server.url }
    await using gateway = await startGateway(file, { env })

    for (const news of ['one', 'two', 'three']) await post(gateway, news)
    await using browser = await listen(gateway, { 'Last-Event-ID': '2' })

    expect(await browser.next()).toBe('id: 3\ndata: three\n\n')
  })

  it('answers pages as ever', async () => {
    await using server = await startServer(0)
    const env = { WEB_ADDRESS: '127.0.0.1:0', NEWS: server.url }
    await using gateway = await startGateway(file, { env })

    const response = await fetch(gateway.url())

    expect(response.headers.get('x-accel-buffering')).toBeNull()
    expect(await response.text()).toContain("new EventSource('/events')")
  })
})

interface Listener extends AsyncDisposable {
  readonly headers: Headers
  /** The next event, without comments. */
  readonly next: () => Promise<string>
}

async function listen(
  gateway: TestGateway,
  headers: Readonly<Record<string, string>> = {},
): Promise<Listener> {
  const response = await fetch(`${gateway.url()}/events`, {
    headers: { ...headers, 'Accept-Encoding': 'br' },
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<string> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      const event = text.slice(0, end + 2)
      if (end >= 0) text = text.slice(end + 2)
      if (end >= 0 && !event.startsWith(':')) return event
      if (end < 0) text += (await reader?.read())?.value ?? ''
    }
  }
  return {
    headers: response.headers,
    next,
    async [Symbol.asyncDispose]() {
      // A signal would not do: fetch does not always end a body by it that it decodes.
      await reader?.cancel()
    },
  }
}

async function post(gateway: TestGateway, news: string): Promise<string> {
  const response = await fetch(gateway.url(), { method: 'POST', body: news })
  return response.text()
}
