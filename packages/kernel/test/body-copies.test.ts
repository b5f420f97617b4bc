import { describe, expect, it } from 'vitest'
import { ReplayableBody, teeBody } from '../src/body-copies.ts'
import { HeaderList } from '../src/headers.ts'
import { CollectingSink, PushedSource, readAll } from './support/bodies.ts'

describe('a replayed body', () => {
  it('comes again from its beginning', async () => {
    const body = new ReplayableBody(new PushedSource(['one ', 'two ', 'three']), 1000)

    const texts: string[] = []
    for (let i = 0; i < 3; i++) texts.push((await readAll(body.replay())).text)

    expect(texts).toEqual(['one two three', 'one two three', 'one two three'])
    expect(body.restorable).toBe(true)
  })

  it('brings its trailers each time', async () => {
    const trailers = new HeaderList(['checksum', '7'])
    const body = new ReplayableBody(new PushedSource(['x'], 'end', { trailers }), 1000)

    await readAll(body.replay())

    expect((await readAll(body.replay())).trailers?.get('checksum')).toBe('7')
  })

  it('knows its length', () => {
    const source = new PushedSource(['four'], 'end', { length: 4 })

    expect(new ReplayableBody(source, 10).replay().length).toBe(4)
  })

  it('goes on where the first consumer gave up', async () => {
    const source = new PushedSource(['one ', 'two ', 'three'])
    const body = new ReplayableBody(source, 1000)
    const first = body.replay()
    const sink = new CollectingSink(() => true)
    first.start(sink)
    first.cancel()

    const { text } = await readAll(body.replay())

    expect(sink.text).toBe('one ')
    expect(text).toBe('one two three')
    expect(source.cancelled).toBe(false)
  })

  it('is not restorable once more was read than may be kept, and still reaches its consumer', async () => {
    const body = new ReplayableBody(new PushedSource(['12345', '67890', 'abc']), 9)

    const { text } = await readAll(body.replay())

    expect(text).toBe('1234567890abc')
    expect(body.restorable).toBe(false)
  })

  it('is restorable with exactly as much as may be kept', async () => {
    const body = new ReplayableBody(new PushedSource(['12345', '67890']), 10)

    await readAll(body.replay())

    expect(body.restorable).toBe(true)
  })

  it('fails a consumer that would get half of it', async () => {
    const body = new ReplayableBody(new PushedSource(['12345', '67890']), 7)
    await readAll(body.replay())

    const again = await readAll(body.replay())

    expect(again).toMatchObject({ outcome: 'failed', text: '' })
  })

  it('is not restorable after it failed', async () => {
    const body = new ReplayableBody(new PushedSource(['1'], 'fail'), 10)

    const sink = await readAll(body.replay())

    expect(sink).toMatchObject({ outcome: 'failed', error: new Error('the wire broke') })
    expect(body.restorable).toBe(false)
  })

  it('fails even if the failure has no value', () => {
    const source = new PushedSource(['1'], 'open')
    const body = new ReplayableBody(source, 10)
    const sink = new CollectingSink()
    body.replay().start(sink)

    source.fail(undefined)

    expect(sink.outcome).toBe('failed')
    expect(body.restorable).toBe(false)
  })

  it('does not overtake what a paused consumer still lacks', () => {
    const source = new PushedSource(['one '], 'open')
    const body = new ReplayableBody(source, 1000)
    const first = body.replay()
    first.start(new CollectingSink())
    first.cancel()
    const second = body.replay()
    const sink = new CollectingSink(() => sink.text.length < 8)

    second.start(sink)
    source.push('two ')
    source.push('three')
    expect(sink.text).toBe('one ')
    sink.resume(second)
    sink.resume(second)
    source.end()

    expect(sink).toMatchObject({ text: 'one two three', outcome: 'ended', violations: [] })
  })

  it('tells a consumer to stop whose place another one takes', () => {
    const source = new PushedSource(['one '], 'open')
    const body = new ReplayableBody(source, 1000)
    const first = new CollectingSink()
    body.replay().start(first)

    const second = new CollectingSink()
    body.replay().start(second)
    source.push('two')

    expect(first).toMatchObject({ outcome: 'failed', text: 'one ', violations: [] })
    expect(second.text).toBe('one two')
  })

  it('is not disturbed by a consumer that has lost its place', () => {
    const source = new PushedSource(['one '], 'open')
    const body = new ReplayableBody(source, 1000)
    const first = body.replay()
    first.start(new CollectingSink())
    const second = body.replay()
    const sink = new CollectingSink(() => true)
    second.start(sink)

    first.resume()
    first.cancel()
    source.push('two')
    sink.resume(second)

    expect(sink).toMatchObject({ text: 'one two', violations: [] })
  })
})

describe('a released body', () => {
  it('still comes whole to a consumer that has not begun', async () => {
    const source = new PushedSource(['one ', 'two'])
    const body = new ReplayableBody(source, 1000)
    const replay = body.replay()

    body.release()

    expect((await readAll(replay)).text).toBe('one two')
    expect(source.cancelled).toBe(false)
  })

  it('still comes whole to a consumer that waits for kept pieces', () => {
    const body = new ReplayableBody(new PushedSource(['1', '2', '3', '4']), 1000)
    body.replay().start(new CollectingSink())
    const second = body.replay()
    const sink = new CollectingSink(() => true)
    second.start(sink)

    body.release()
    for (let i = 0; i < 4; i++) sink.resume(second)

    expect(sink).toMatchObject({ text: '1234', outcome: 'ended' })
  })

  it('gives the source up if its consumer has given up', () => {
    const source = new PushedSource(['1'], 'open')
    const body = new ReplayableBody(source, 1000)
    const replay = body.replay()
    replay.start(new CollectingSink())
    replay.cancel()

    body.release()

    expect(source.cancelled).toBe(true)
  })

  it('gives the source up when its consumer gives up later', () => {
    const source = new PushedSource(['1'], 'open')
    const body = new ReplayableBody(source, 1000)
    const replay = body.replay()
    replay.start(new CollectingSink())
    body.release()
    expect(source.cancelled).toBe(false)

    replay.cancel(new Error('the client left'))

    expect(source.cancelledWith).toEqual(new Error('the client left'))
  })

  it('gives the source up with a consumer that gives up above the limit', () => {
    const source = new PushedSource(['1234'], 'open')
    const body = new ReplayableBody(source, 2)
    const replay = body.replay()
    replay.start(new CollectingSink())

    replay.cancel()

    expect(source.cancelled).toBe(true)
  })
})

describe('a body for two', () => {
  it('comes whole to both', async () => {
    const trailers = new HeaderList(['checksum', '7'])
    const [main, copy] = teeBody(new PushedSource(['one ', 'two'], 'end', { trailers }), 1000)

    const [first, second] = await Promise.all([readAll(main), readAll(copy)])

    expect([first.text, second.text]).toEqual(['one two', 'one two'])
    expect(second.trailers?.get('checksum')).toBe('7')
  })

  it('waits for a copy that begins later', async () => {
    const [main, copy] = teeBody(new PushedSource(['one ', 'two']), 1000)
    await readAll(main)

    expect((await readAll(copy)).text).toBe('one two')
  })

  it('goes at the pace of the first', () => {
    const source = new PushedSource(['one ', 'two'])
    const [main, copy] = teeBody(source, 1000)
    const slow = new CollectingSink(() => true)
    const fast = new CollectingSink()
    copy.start(fast)

    main.start(slow)

    expect([slow.text, fast.text]).toEqual(['one ', 'one '])
  })

  it('fails the copy alone when that is too far behind', async () => {
    const [main, copy] = teeBody(new PushedSource(['12345', '67890']), 7)
    const stuck = new CollectingSink(() => true)

    const { text, outcome } = await readAll(main)
    copy.start(stuck)

    expect([text, outcome]).toEqual(['1234567890', 'ended'])
    expect(stuck).toMatchObject({
      outcome: 'failed',
      text: '',
      error: { code: 'GW_BODY_TOO_LARGE' },
    })
  })

  it('fails a copy of what nobody will read', async () => {
    const [, copy] = teeBody(new PushedSource(['one ', 'two']), 1000)
    const reading = readAll(copy)

    copy.abandon()

    expect(await reading).toMatchObject({ outcome: 'failed', error: { code: 'GW_BODY_ABORTED' } })
  })

  it('leaves a copy alone that has everything', async () => {
    const [main, copy] = teeBody(new PushedSource(['one ', 'two']), 1000)
    await readAll(main)

    copy.abandon()

    expect((await readAll(copy)).text).toBe('one two')
  })

  it('goes on without a copy that is given up', async () => {
    const source = new PushedSource(['one ', 'two'])
    const [main, copy] = teeBody(source, 1)
    copy.cancel()

    expect((await readAll(main)).text).toBe('one two')
    expect(source.cancelled).toBe(false)
  })

  it('fails the copy when the first gives up', () => {
    const source = new PushedSource(['one'], 'open')
    const [main, copy] = teeBody(source, 1000)
    const sink = new CollectingSink()
    copy.start(sink)
    main.start(new CollectingSink())

    main.cancel(new Error('enough'))

    expect(sink).toMatchObject({ outcome: 'failed', error: { code: 'GW_BODY_ABORTED' } })
    expect(source.cancelled).toBe(true)
  })

  it('fails both when the source fails', async () => {
    const [main, copy] = teeBody(new PushedSource(['one'], 'fail'), 1000)

    const sinks = await Promise.all([readAll(main), readAll(copy)])

    expect(sinks.map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
  })
})
