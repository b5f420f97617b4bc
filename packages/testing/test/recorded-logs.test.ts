import { describe, expect, it } from 'vitest'
import { recordLogs } from '../src/index.ts'

describe('recorded logs', () => {
  it('find entries by level, message and field', () => {
    const { log, find } = recordLogs()

    log.child({ plugin: 'x' }).warn({ code: 'GW_NO_ROUTE' }, 'request failed')
    log.trace('seen')

    expect(find({ level: 'warn', code: 'GW_NO_ROUTE', plugin: 'x' })).toMatchObject([
      { msg: 'request failed' },
    ])
    expect(find({ level: 'trace' })).toHaveLength(1)
    expect(find({ level: 'error' })).toEqual([])
  })
})
