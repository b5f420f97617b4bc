import { describe, expect, it } from 'vitest'
import { reasonOf, statusLine } from '../../src/index.ts'

describe('statuses', () => {
  it('gives the usual reason phrase', () => {
    expect(reasonOf(404)).toBe('Not Found')
    expect(reasonOf(599)).toBe('')
  })

  it('makes a status line, the same each time', () => {
    expect(statusLine(200).toString()).toBe('HTTP/1.1 200 OK\r\n')
    expect(statusLine(599).toString()).toBe('HTTP/1.1 599 \r\n')
    expect(statusLine(200)).toBe(statusLine(200))
  })
})
