/**
 * Replies that misbehave, alone or around another reply.
 *
 * @module
 */
import type { FieldsInit } from '../wire/fields.ts'
import { flatFields } from '../wire/fields.ts'
import { head, Reply } from './reply.ts'

/** Something to wait for: milliseconds, a promise, or a function called for each wait. */
export type Until = number | PromiseLike<unknown> | (() => PromiseLike<unknown>)

/** How a reply is cut into pieces. */
export interface DripOptions {
  /** Size of each piece. Default 1. */
  readonly bytes?: number
  /** Waited for before each piece but the first. Default: one turn of the event loop. */
  readonly between?: Until
}

/** Reads the request, then waits before it replies. */
export function after(until: Until, then: Reply): Reply {
  return new Reply(async (exchange) => {
    await exchange.readBody()
    await waitUntil(until)
    await then.play(exchange)
  })
}

/** Sends another reply in small pieces, each in a write of its own. */
export function drip(then: Reply, { bytes = 1, between = nextTurn }: DripOptions = {}): Reply {
  return new Reply((exchange) => {
    let first = true
    const write = async (content: string | Uint8Array): Promise<void> => {
      const whole = Buffer.from(content)
      for (let at = 0; at < whole.length; at += bytes) {
        if (!first) await waitUntil(between)
        first = false
        await exchange.write(whole.subarray(at, at + bytes))
      }
    }
    return then.play({ ...exchange, write })
  })
}

/** Reads the request and never answers. */
export function hang(): Reply {
  return new Reply(async ({ readBody, gone }) => {
    await readBody()
    await gone
  })
}

/** Replies without waiting for the request body; what comes of it is read afterwards. */
export function early(then: Reply): Reply {
  return new Reply((exchange) => then.play({ ...exchange, readBody: async () => undefined }))
}

/** Leaves the request body unread until then, so that whoever sends it has to wait; then replies. */
export function unread(until: Until, then: Reply): Reply {
  return new Reply(async (exchange) => {
    exchange.pause()
    await waitUntil(until)
    exchange.resume()
    await then.play(exchange)
  })
}

/** Sends the first bytes of another reply and then an RST. */
export function resetAfter(bytes: number, then: Reply): Reply {
  return cutAfter(bytes, then, 'reset')
}

/** Sends the first bytes of another reply and then closes in order (FIN). */
export function endAfter(bytes: number, then: Reply): Reply {
  return cutAfter(bytes, then, 'end')
}

/** Reads the request and closes in order without a byte. */
export function closeBeforeResponse(): Reply {
  return new Reply(async ({ readBody, end }) => {
    await readBody()
    end()
  })
}

/** Sends a head that announces a body, and closes in order. Default: 200, 10 bytes. */
export function closeAfterHead(
  status: number = 200,
  headers: FieldsInit = { 'content-length': '10' },
): Reply {
  return new Reply(async ({ readBody, write, end }) => {
    await readBody()
    await write(head(status, flatFields(headers)))
    end()
  })
}

/** A response that breaks RFC 9112 in the named place; the connection stays open. */
export function malformed(place: 'status-line' | 'header' | 'length' | 'chunk'): Reply {
  return raw(brokenResponses[place])
}

const brokenResponses = {
  'status-line': 'HTTP/1.1 2OO OK\r\ncontent-length: 0\r\n\r\n',
  header: 'HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 0\r\n\r\n',
  length: 'HTTP/1.1 200 OK\r\ncontent-length: 1x\r\n\r\n0',
  chunk: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n0\r\n\r\n',
}

/** Any bytes, in one write. */
export function raw(bytes: string | Uint8Array, options: { readonly end?: boolean } = {}): Reply {
  const content = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  return new Reply(async ({ readBody, write, end }) => {
    await readBody()
    await write(content)
    if (options.end === true) end()
  })
}

/** Another reply with bytes after it that belong to no response, in the same write. */
export function withExtra(then: Reply, bytes: string | Uint8Array): Reply {
  return new Reply(async (exchange) => {
    const written: Buffer[] = []
    const write = async (content: string | Uint8Array): Promise<void> => {
      written.push(Buffer.from(content))
    }
    await then.play({ ...exchange, write })
    await exchange.write(Buffer.concat([...written, Buffer.from(bytes)]))
  })
}

function cutAfter(bytes: number, then: Reply, how: 'end' | 'reset'): Reply {
  return new Reply(async (exchange) => {
    let left = bytes
    const write = async (content: string | Uint8Array): Promise<void> => {
      const whole = Buffer.from(content)
      const part = whole.subarray(0, left)
      left -= part.length
      if (part.length > 0) await exchange.write(part)
      if (left > 0) return
      exchange[how]()
      // The rest of the reply never runs.
      await new Promise(() => undefined)
    }
    await then.play({ ...exchange, write })
  })
}

/** Waits for it. */
export async function waitUntil(until: Until): Promise<void> {
  if (typeof until === 'function') await until()
  // The global timer, so that fake timers reach it.
  else if (typeof until === 'number') await new Promise((resolve) => setTimeout(resolve, until))
  else await until
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
