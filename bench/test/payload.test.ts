import { describe, expect, it } from 'vitest'
import { createMessage } from '../src/payload.ts'

describe('createMessage', () => {
  it('says that it is not compressed and how much follows', () => {
    const message = createMessage(133)

    expect(message).toHaveLength(133)
    expect(message.toString('hex', 0, 5)).toBe('0000000080')
  })
})
