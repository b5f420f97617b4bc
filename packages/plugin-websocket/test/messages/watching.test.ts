import { describe, expect, it, vi } from 'vitest'
import type {
  Conversation,
  ConversationEnd,
  MessageStart,
  MessageWatch,
  MessageWatcher,
} from '../../src/index.ts'
import { closeFrame } from '../../src/messages/frame.ts'
import { type Ending, Speaker, speak, startTalker, type Talker, textOf } from '../talk.ts'
import { startWatched } from './watched.ts'

describe('a conversation that is watched', () => {
  it('passes as it is, whatever its messages', async () => {
    const starts: MessageStart[] = []
    await using talker = await startTalker()
    await using gateway = await startWatched(talker.url, {
      open: () => ({ onStart: (message) => void starts.push(message) }),
    })
    using speaker = await speak(gateway)

    for (const size of [0, 1, 125, 126, 65_535, 65_536, 3 * 1024 * 1024]) {
      const bytes = Buffer.alloc(size, 'a message to be said back')
      speaker.socket.send(bytes)
      expect((await speaker.hear()).equals(bytes)).toBe(true)
    }
    speaker.socket.send('in two ', { fin: false })
    speaker.socket.ping('between')
    speaker.socket.send('parts', { fin: true })

    expect(await speaker.hearText()).toBe('in two parts')
    const uncompressed = { compressed: false }
    expect(starts).toHaveLength(16)
    expect(starts.slice(-2)).toEqual([
      { from: 'client', kind: 'text', ...uncompressed },
      { from: 'server', kind: 'text', ...uncompressed },
    ])
  })

  it('may be compressed, and then says so', async () => {
    const compressed: boolean[] = []
    await using talker = await startTalker(undefined, { perMessageDeflate: { threshold: 0 } })
    await using gateway = await startWatched(talker.url, {
      open: () => ({ onStart: (message) => void compressed.push(message.compressed) }),
    })
    using speaker = await speak(gateway, { perMessageDeflate: { threshold: 0 } })
    const text = 'the same again and again '.repeat(1000)

    speaker.socket.send(text)

    expect(await speaker.hearText()).toBe(text)
    expect(speaker.socket.extensions).toBe('permessage-deflate')
    expect(compressed).toEqual([true, true])
  })

  it('is not compressed if its content is looked at', async () => {
    const heard: string[] = []
    await using talker = await startTalker(undefined, { perMessageDeflate: { threshold: 0 } })
    await using gateway = await startWatched(talker.url, {
      content: true,
      open: () => ({ onMessage: ({ from, data }) => void heard.push(`${from}: ${String(data)}`) }),
    })
    using speaker = await speak(gateway, { perMessageDeflate: { threshold: 0 } })

    speaker.socket.send('grü', { fin: false })
    speaker.socket.send('ße', { fin: true })

    expect(await speaker.hearText()).toBe('grüße')
    expect(speaker.socket.extensions).toBe('')
    expect(heard).toEqual(['client: grüße', 'server: grüße'])
  })

  it('loses the messages that are dropped, and has others in place of some', async () => {
    await using talker = await startTalker()
    await using gateway = await startWatched(talker.url, {
      content: true,
      open: () => ({
        onMessage({ from, data }) {
          const text = data.toString()
          if (text === 'lost') return { drop: true }
          return { replace: `${text}, said the ${from}` }
        },
      }),
    })
    using speaker = await speak(gateway)

    for (const text of ['lost', 'kept', 'lost', 'kept too']) speaker.socket.send(text)

    expect(await speaker.hearText()).toBe('kept, said the client, said the server')
    expect(await speaker.hearText()).toBe('kept too, said the client, said the server')
  })

  it('ends for both with the code and the reason of a watcher', async () => {
    await using talk = await talked({
      from: 'client',
      open: () => ({ onStart: () => ({ close: 4008, reason: 'say nothing' }) }),
    })

    talk.speaker.socket.send('something')

    expect(await talk.endings()).toEqual(bothHear(4008, 'say nothing'))
    await vi.waitFor(() => expect(talk.exchanges()).toBe(0))
  })

  it('ends for both when a plugin wants it to, whatever is under way', async () => {
    const close = Promise.withResolvers<() => void>()
    await using talk = await talked({
      open(_ctx, conversation) {
        close.resolve(() => conversation.close(4401, 'signed out'))
        return {}
      },
    })

    const end = await close.promise
    end()

    expect(await talk.endings()).toEqual(bothHear(4401, 'signed out'))
  })

  it.each<[string, boolean, (conversation: Conversation) => MessageWatcher | undefined]>([
    [
      'before it begins',
      false,
      (talk) => {
        talk.close(4000, 'bye')
        return undefined
      },
    ],
    ['as a message begins', false, (talk) => ({ onStart: () => talk.close(4000, 'bye') })],
    ['as a message is complete', true, (talk) => ({ onMessage: () => talk.close(4000, 'bye') })],
  ])('ends when a plugin ends it %s, which does not pass', async (_, content, open) => {
    await using talk = await talked({
      from: 'client',
      content,
      open: (_ctx, conversation) => open(conversation),
    })

    talk.speaker.socket.send('hello')

    expect(await talk.endings()).toEqual(bothHear(4000, 'bye'))
    expect(talk.heard).toEqual([])
  })

  it.each([
    ['in one frame', (speaker: Speaker) => speaker.socket.send(Buffer.alloc(101))],
    [
      'in fragments',
      ({ socket }: Speaker) => {
        for (let i = 0; i < 11; i++) socket.send(Buffer.alloc(10), { fin: false })
      },
    ],
  ])('ends with 1009 for a message that is too big %s', async (_, say) => {
    await using talk = await talked({ maxBytes: 100, open: () => ({}) })

    talk.speaker.socket.send(Buffer.alloc(100))
    await talk.speaker.hear()
    say(talk.speaker)

    expect(await talk.endings()).toEqual(bothHear(1009, 'message too big'))
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    // What a plugin in JavaScript may do.
    ['is asynchronous', (async () => undefined) as unknown as () => undefined],
    ['gives nonsense', (() => 'close') as unknown as () => undefined],
  ])('ends with 1011 if a watcher %s', async (_, onStart) => {
    await using talk = await talked({ open: () => ({ onStart }) })

    talk.speaker.socket.send('hello')

    expect(await talk.endings()).toEqual(bothHear(1011, 'internal error'))
    expect(talk.logged('WebSocket watcher failed')).toBe(1)
  })

  it.each<[string, (speaker: Speaker) => void, ConversationEnd]>([
    ['the client', (s) => s.socket.close(4001, 'bye'), { code: 4001, reason: 'bye', by: 'client' }],
    [
      'the client, without a code',
      (s) => s.socket.close(),
      { code: 1005, reason: '', by: 'client' },
    ],
    ['the server', (s) => s.socket.send('end'), { code: 4002, reason: 'no more', by: 'server' }],
    ['nobody', (s) => s.socket.terminate(), { code: 1006, reason: '', by: undefined }],
  ])('tells the end that comes from %s once, before logs do', async (_, end, expected) => {
    const ends: unknown[] = []
    await using talker = await startTalker((socket) =>
      socket.on('message', () => socket.close(4002, 'no more')),
    )
    const watch: MessageWatch = { open: () => ({ onEnd: (ended) => void ends.push(ended) }) }
    const onFinish = (): void => void ends.push('logged')
    await using gateway = await startWatched(talker.url, watch, '', onFinish)
    using speaker = await speak(gateway)

    end(speaker)
    await speaker.ended
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))

    expect(ends).toEqual([expected, 'logged'])
  })

  it('is left alone in a dry run, which tells what it would do', async () => {
    await using talk = await talked(
      {
        content: true,
        maxBytes: 4,
        open: () => ({ onMessage: () => ({ close: 4000 }) }),
      },
      'dry_run = true',
    )
    const { speaker } = talk

    speaker.socket.send('four')
    speaker.socket.send('in', { fin: false })
    speaker.socket.send(' three', { fin: false })
    speaker.socket.send(' parts', { fin: true })

    expect(await speaker.hearText()).toBe('four')
    expect(await speaker.hearText()).toBe('in three parts')
    // Both messages, on their ways there and back.
    expect(talk.logged('dry run: would not have passed a message on as it is')).toBe(4)
  })
})

describe('a message that breaks the rules', () => {
  it.each([
    ['has no mask', [0x81, 0x01, 0x61], 1002, 'a mask is missing'],
    ['has a reserved bit', [0xc1, 0x81, 0, 0, 0, 0, 0x61], 1002, 'a reserved bit is set'],
    ['is no valid text', [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007, 'a text is not valid UTF-8'],
    ['closes with no code', [0x88, 0x81, 0, 0, 0, 0, 1], 1002, 'there is no such close code'],
    ['closes with 1006', [0x88, 0x82, 0, 0, 0, 0, 3, 238], 1002, 'there is no such close code'],
    [
      'closes with no valid reason',
      [0x88, 0x83, 0, 0, 0, 0, 3, 232, 0xff],
      1007,
      'a reason is not valid UTF-8',
    ],
  ])('as it %s ends the conversation for both', async (_, bytes, code, reason) => {
    const accepted = Promise.withResolvers<Speaker>()
    await using talker = await startTalker((socket) => accepted.resolve(new Speaker(socket)))
    await using gateway = await startWatched(talker.url, { content: true, open: () => ({}) })
    using client = await gateway.connect()
    await client.send(handshake)
    await client.readResponse()

    await client.send(Buffer.from(bytes))

    const expected = closeFrame(code, reason, false)
    expect(await client.readBytes(expected.length)).toEqual(expected)
    const server = await accepted.promise
    expect(await server.ended).toEqual({ code, reason })
  })
})

const handshake =
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** What both ends are told. */
function bothHear(code: number, reason: string): Record<'client' | 'server', Ending> {
  return { client: { code, reason }, server: { code, reason } }
}

interface Talk extends AsyncDisposable {
  readonly speaker: Speaker
  readonly endings: () => Promise<Record<'client' | 'server', Ending>>
  readonly exchanges: () => number
  readonly logged: (message: string) => number
  /** What the server was told. */
  readonly heard: readonly string[]
}

/** One conversation with a server that says everything back. */
async function talked(watch: MessageWatch, keys?: string): Promise<Talk> {
  const heard: string[] = []
  const accepted = Promise.withResolvers<Speaker>()
  const talker: Talker = await startTalker((socket) => {
    accepted.resolve(new Speaker(socket))
    socket.on('message', (data, isBinary) => {
      heard.push(textOf(data))
      socket.send(data, { binary: isBinary })
    })
  })
  const gateway = await startWatched(talker.url, watch, keys)
  const speaker = await speak(gateway)
  const server = await accepted.promise
  return {
    speaker,
    heard,
    endings: async () => ({ client: await speaker.ended, server: await server.ended }),
    exchanges: () => gateway.gateway.exchanges,
    logged: (message) => gateway.logs.entries.filter(({ msg }) => msg === message).length,
    async [Symbol.asyncDispose]() {
      speaker[Symbol.dispose]()
      await gateway.close()
      await talker[Symbol.asyncDispose]()
    },
  }
}
