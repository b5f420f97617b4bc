import { recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import type { ChannelGuard, ChannelRequest } from '../../src/index.ts'
import { Permissions } from '../../src/mux/permissions.ts'

// No guard here looks at the exchange.
const request = { action: 'publish', channel: 'a', payload: 'x', service: 's' } as ChannelRequest

describe('the permission of channel guards', () => {
  it('is there at once if nobody has to wait', () => {
    const { log } = recordLogs()
    const asked: string[] = []
    const guards = [true, false, true].map((allowed, i): ChannelGuard => {
      return {
        type: `guard-${i}`,
        allows: ({ payload }) => {
          asked.push(`${i} ${payload}`)
          return allowed
        },
      }
    })

    expect(new Permissions([], log).ask(request)).toBe(true)
    expect(new Permissions(guards.slice(0, 1), log).ask(request)).toBe(true)
    expect(asked.splice(0)).toEqual(['0 x'])
    expect(new Permissions(guards, log).ask(request)).toBe(false)
    expect(asked).toEqual(['0 x', '1 x'])
  })

  it.each<[says: string, expected: boolean]>([
    ['yes, later yes, yes', true],
    ['later yes, no', false],
    ['later no, yes', false],
    ['later yes, later no', false],
    ['later failure, yes', false],
    ['later yes, failure', false],
  ])('of those that say %s is %s', async (says, expected) => {
    const { log } = recordLogs()
    const guards = says.split(', ').map((text, i) => saying(text, i))

    expect(await new Permissions(guards, log).ask(request)).toBe(expected)
  })

  it.each([undefined, 1, 'yes', null])('is not given by %s', (answer) => {
    const { log } = recordLogs()
    // What a plugin in JavaScript may return.
    const guard = { type: 'odd', allows: () => answer as unknown as boolean }

    expect(new Permissions([guard], log).ask(request)).toBe(false)
  })

  it('is refused by one that never answers, and the log says so', async () => {
    const { log, find } = recordLogs()
    const guard: ChannelGuard = { type: 'lost', allows: () => new Promise(() => undefined) }

    const permitted = await new Permissions([guard], log, 20).ask(request)

    expect(permitted).toBe(false)
    expect(find({ msg: 'channel guard failed', guard: 'lost' })).toHaveLength(1)
  })
})

function saying(text: string, i: number): ChannelGuard {
  const answer = (): boolean => {
    if (text.endsWith('failure')) throw new Error('no idea')
    return text.endsWith('yes')
  }
  return {
    type: `guard-${i}`,
    allows: text.startsWith('later') ? () => Promise.resolve().then(answer) : answer,
  }
}
