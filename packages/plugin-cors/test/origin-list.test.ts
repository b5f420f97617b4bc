import { describe, expect, it } from 'vitest'
import { OriginList } from '../src/origin-list.ts'

describe('a list of origins', () => {
  it.each([
    { origins: ['https://a.example'], origin: 'https://a.example', allowed: true },
    { origins: ['https://a.example'], origin: 'http://a.example', allowed: false },
    { origins: ['https://a.example'], origin: 'https://a.example:8443', allowed: false },
    { origins: ['https://a.example'], origin: 'https://a.example.evil.example', allowed: false },
    { origins: ['https://a.example'], origin: 'https://sub.a.example', allowed: false },
    { origins: ['https://A.example:443'], origin: 'https://a.example', allowed: true },
    { origins: ['http://a.example:80'], origin: 'http://a.example', allowed: true },
    { origins: ['http://a.example:443'], origin: 'http://a.example:443', allowed: true },
    { origins: ['https://a.example'], origin: 'null', allowed: false },
    { origins: ['null'], origin: 'null', allowed: true },
    { origins: ['https://a.example'], origin: '', allowed: false },
    { origins: ['*'], origin: 'https://b.example', allowed: true },
    { origins: undefined, origin: 'https://b.example', allowed: true },
  ])('$origins allows $origin: $allowed', ({ origins, origin, allowed }) => {
    const list = new OriginList({
      allowed_origin_patterns: [],
      ...(origins !== undefined && { allowed_origins: origins }),
    })

    expect(list.allows(origin)).toBe(allowed)
  })

  it.each([
    { pattern: 'https://*.example.com', origin: 'https://a.example.com', allowed: true },
    { pattern: 'https://*.example.com', origin: 'https://a.b.example.com', allowed: true },
    { pattern: 'https://*.Example.com', origin: 'https://a.example.com', allowed: true },
    { pattern: 'https://*.example.com', origin: 'https://example.com', allowed: false },
    { pattern: 'https://*.example.com', origin: 'https://.example.com', allowed: false },
    { pattern: 'https://*.example.com', origin: 'http://a.example.com', allowed: false },
    { pattern: 'https://*.example.com', origin: 'https://a.example.com:81', allowed: false },
    {
      pattern: 'https://*.example.com',
      origin: 'https://evil.example/.example.com',
      allowed: false,
    },
    { pattern: 'https://*.example.com', origin: 'https://evil:1@a.example.com', allowed: false },
    {
      pattern: 'https://*.example.com',
      origin: 'https://a.example.com.evil.example',
      allowed: false,
    },
    { pattern: 'https://*-app.example.com', origin: 'https://pr1-app.example.com', allowed: true },
    { pattern: 'https://*.example.com:81', origin: 'https://a.example.com:81', allowed: true },
    { pattern: 'https://*.example.com:81', origin: 'https://a.example.com:811', allowed: false },
    { pattern: 'http://localhost:*', origin: 'http://localhost:3000', allowed: true },
    { pattern: 'http://localhost:*', origin: 'http://localhost', allowed: true },
    { pattern: 'http://localhost:*', origin: 'http://localhost.evil:3000', allowed: false },
    { pattern: 'https://*.a.example:*', origin: 'https://b.a.example:1', allowed: true },
    { pattern: '^https://(a|b)\\.example$', origin: 'https://b.example', allowed: true },
    { pattern: '^https://a\\.example', origin: 'https://a.example.evil.example', allowed: false },
    { pattern: '^https://a|b', origin: 'https://evil.example/b', allowed: false },
    { pattern: '^.*$', origin: 'null', allowed: false },
    { pattern: '^.*$', origin: `https://${'a'.repeat(300)}`, allowed: false },
  ])('$pattern allows $origin: $allowed', ({ pattern, origin, allowed }) => {
    const list = new OriginList({ allowed_origin_patterns: [pattern] })

    expect(list.allows(origin)).toBe(allowed)
  })
})
