import { describe, expect, it } from 'vitest'
import { findForbidden } from '../text-checks.ts'

describe('text checks', () => {
  it('name line and reason of each place', () => {
    const rules = [
      { pattern: /:\/\//, why: 'an address' },
      { pattern: '/home/me', why: 'a path' },
    ]

    const problems = findForbidden('fine\n  see https://example.org\n/home/me\n', rules)

    expect(problems).toEqual(['2: an address: see https://example.org', '3: a path: /home/me'])
  })
})
