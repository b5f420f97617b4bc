import { describe, expect, it } from 'vitest'
import { EventCheck } from '../src/load/event-check.ts'

describe('EventCheck', () => {
  it('tells when events were sent, wherever they are cut', () => {
    const check = new EventCheck()

    const found = ['id: 0\nda', 'ta: 17\n', '\nid: 1\ndata: 18\n\n'].map((text) => check.push(text))

    expect(found).toEqual([[], [], [17n, 18n]])
  })

  it('notices a lost event', () => {
    const check = new EventCheck()
    check.push('id: 0\ndata: 17\n\n')

    expect(() => check.push('id: 2\ndata: 18\n\n')).toThrow('event 2 in place of 1')
  })

  it('refuses what is no event of ours', () => {
    expect(() => new EventCheck().push('<html>\n\n')).toThrow('<html>')
  })
})
