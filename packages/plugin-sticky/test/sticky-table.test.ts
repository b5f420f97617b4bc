import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StickyTable } from '../src/index.ts'

const forever = Number.POSITIVE_INFINITY

describe('a table of sessions', () => {
  it('tells the server that an id was bound to', () => {
    const table = new StickyTable(1000, 10)
    table.bind('one', 'http://a/', 0)
    table.bind('two', 'http://b/', 0)

    expect(table.get('one', 1)?.backend).toBe('http://a/')
    expect(table.get('two', 1)?.backend).toBe('http://b/')
    expect(table.count).toBe(2)
  })

  it('knows nothing of other ids', () => {
    const table = new StickyTable(1000, 10)

    expect(table.get('one', 0)).toBeUndefined()
  })

  it('binds an id anew without another session', () => {
    const table = new StickyTable(1000, 10)
    table.bind('one', 'http://a/', 0)
    table.bind('one', 'http://b/', 5)

    expect(table.get('one', 6)).toMatchObject({ backend: 'http://b/', boundAt: 5, usedAt: 6 })
    expect(table.count).toBe(1)
  })

  it('forgets an id that is unbound', () => {
    const table = new StickyTable(1000, 10)
    table.bind('one', 'http://a/', 0)

    expect([table.unbind('one'), table.unbind('one')]).toEqual([true, false])
    expect(table.get('one', 0)).toBeUndefined()
  })

  it('forgets all when it is cleared', () => {
    const table = new StickyTable(1000, 10)
    table.bind('one', 'http://a/', 0)
    table.bind('two', 'http://b/', 0)

    table.clear()

    expect(table.count).toBe(0)
  })

  it('forgets the sessions at a server, and tells how many they were', () => {
    const table = new StickyTable(1000, 10)
    table.bind('one', 'http://a/', 0)
    table.bind('two', 'http://b/', 0)
    table.bind('three', 'http://a/', 0)

    expect(table.removeBackend('http://a/')).toBe(2)
    expect([table.count, table.get('two', 0)?.backend]).toEqual([1, 'http://b/'])
    expect(table.removeBackend('http://a/')).toBe(0)
  })
})

describe('a session', () => {
  it('ends when it was idle for its whole time', () => {
    const table = new StickyTable(50, 10)
    table.bind('early', 'http://a/', 0)
    table.bind('late', 'http://a/', 1)

    expect(table.get('early', 50)).toBeUndefined()
    expect(table.get('late', 50)).toBeDefined()
    expect(table.count).toBe(1)
  })

  it('lives on from each use', () => {
    const table = new StickyTable(50, 10)
    table.bind('one', 'http://a/', 0)

    expect([40, 80, 120].map((now) => table.get('one', now)?.backend)).toEqual(
      Array.from({ length: 3 }, () => 'http://a/'),
    )
    expect(table.get('one', 170)).toBeUndefined()
  })

  it('never ends by itself if it has no time', () => {
    const table = new StickyTable(forever, 10)
    table.bind('one', 'http://a/', 0)

    expect(table.evictExpired(1e15)).toBe(0)
    expect(table.get('one', 1e15)).toBeDefined()
  })

  it('is swept once it has expired', () => {
    const table = new StickyTable(50, 10)
    table.bind('one', 'http://a/', 0)
    table.bind('two', 'http://a/', 0)
    table.bind('three', 'http://a/', 80)

    expect(table.evictExpired(100)).toBe(2)
    expect(table.count).toBe(1)
  })
})

describe('a full table', () => {
  it('first forgets what has expired', () => {
    const table = new StickyTable(50, 3)
    table.bind('one', 'http://a/', 0)
    table.bind('two', 'http://a/', 0)
    table.bind('three', 'http://a/', 60)

    table.bind('four', 'http://a/', 70)

    expect(table.count).toBe(2)
    expect(table.get('three', 70)).toBeDefined()
  })

  it('forgets the session that was idle longest, not the oldest one', () => {
    const table = new StickyTable(1000, 3)
    for (const [now, id] of ['one', 'two', 'three'].entries()) table.bind(id, 'http://a/', now)
    table.get('one', 10)

    table.bind('four', 'http://a/', 11)

    const known = ['one', 'two', 'three', 'four'].filter((id) => table.get(id, 12) !== undefined)
    expect(known).toEqual(['one', 'three', 'four'])
  })

  it('forgets nothing when it binds an id anew', () => {
    const table = new StickyTable(1000, 2)
    table.bind('one', 'http://a/', 0)
    table.bind('two', 'http://a/', 0)

    table.bind('one', 'http://b/', 1)

    expect([table.get('one', 2)?.backend, table.get('two', 2)?.backend]).toEqual([
      'http://b/',
      'http://a/',
    ])
  })

  it('does what a plain list of sessions would do, whatever is asked of it', () => {
    const id = fc.integer({ min: 0, max: 6 }).map(String)
    const backend = fc.constantFrom('a', 'b')
    const step = fc.record({
      what: fc.constantFrom('get', 'bind', 'unbind', 'evict', 'remove'),
      id,
      backend,
      after: fc.integer({ min: 0, max: 20 }),
    })
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new StickyTable(30, 3)
      const model = new Model(30, 3)
      let now = 0
      for (const { what, after, ...given } of steps) {
        now += after
        expect(act(table, what, given, now)).toEqual(act(model, what, given, now))
        expect(table.count).toBe(model.count)
      }
    })
    fc.assert(property)
  })
})

type Table = Pick<
  StickyTable,
  'get' | 'bind' | 'unbind' | 'evictExpired' | 'removeBackend' | 'count'
>

function act(
  table: Table,
  what: string,
  { id, backend }: { readonly id: string; readonly backend: string },
  now: number,
): unknown {
  switch (what) {
    case 'get':
      return table.get(id, now)?.backend
    case 'bind':
      return table.bind(id, backend, now)
    case 'unbind':
      return table.unbind(id)
    case 'evict':
      return table.evictExpired(now)
    default:
      return table.removeBackend(backend)
  }
}

interface Listed {
  readonly id: string
  readonly backend: string
  readonly boundAt: number
  readonly usedAt: number
}

/** Looks at every session each time. */
class Model implements Table {
  readonly #ttlMs: number
  readonly #max: number
  #sessions: readonly Listed[] = []

  constructor(ttlMs: number, max: number) {
    this.#ttlMs = ttlMs
    this.#max = max
  }

  get count(): number {
    return this.#sessions.length
  }

  get(id: string, now: number): Listed | undefined {
    const found = this.#sessions.find((session) => session.id === id)
    this.unbind(id)
    if (found === undefined || now - found.usedAt >= this.#ttlMs) return undefined
    const used = { ...found, usedAt: now }
    this.#sessions = [...this.#sessions, used]
    return used
  }

  bind(id: string, backend: string, now: number): void {
    if (!this.unbind(id) && this.count >= this.#max) {
      this.evictExpired(now)
      if (this.count >= this.#max) this.#sessions = this.#sessions.slice(1)
    }
    this.#sessions = [...this.#sessions, { id, backend, boundAt: now, usedAt: now }]
  }

  unbind(id: string): boolean {
    return this.#keep((session) => session.id !== id) > 0
  }

  evictExpired(now: number): number {
    return this.#keep(({ usedAt }) => now - usedAt < this.#ttlMs)
  }

  removeBackend(backend: string): number {
    return this.#keep((session) => session.backend !== backend)
  }

  #keep(which: (session: Listed) => boolean): number {
    const before = this.count
    this.#sessions = this.#sessions.filter(which)
    return before - this.count
  }
}
