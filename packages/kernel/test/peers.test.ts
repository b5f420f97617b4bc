import { describe, expect, it } from 'vitest'
import { LonePeers } from '../src/peers.ts'

describe('a process without any other one', () => {
  it('answers itself', async () => {
    const peers = new LonePeers()
    using offer = peers.answer('double', async (question) => Number(question) * 2)

    expect(await peers.ask('double', 21)).toEqual([42])
    expect(offer).toBeDefined()
  })

  it('has nobody else whose totals would count', async () => {
    const peers = new LonePeers()
    peers.answer(
      'count',
      () => 3,
      (count = 0) => ({ n: [count] }),
    )

    expect(await peers.survey('count')).toEqual({ answers: [3], others: {} })
  })

  it('has no answer if nobody offers one, or if it fails', async () => {
    const peers = new LonePeers()
    peers.answer('fails', () => {
      throw new Error('no')
    })

    expect(await peers.ask('unknown')).toEqual([])
    expect(await peers.ask('fails')).toEqual([])
  })

  it('answers as the last one who offered to, also when the one before goes later', async () => {
    const peers = new LonePeers()
    const before = peers.answer('who', () => 'before')
    const after = peers.answer('who', () => 'after')
    before[Symbol.dispose]()

    expect(await peers.ask('who')).toEqual(['after'])
    after[Symbol.dispose]()
    expect(await peers.ask('who')).toEqual([])
  })
})
