import { describe, expect, it } from 'vitest'
import { type CookieAttributes, SetCookie } from '../src/set-cookie.ts'

describe('Set-Cookie', () => {
  it('says what the reference says if nothing else is asked for', () => {
    expect(write({})).toBe('gateway_sticky=abc-123; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax')
  })

  it.each<[Partial<CookieAttributes>, string]>([
    [{ ttl: 0 }, 'gateway_sticky=abc-123; Path=/; HttpOnly; SameSite=Lax'],
    [{ ttl: 1 }, 'gateway_sticky=abc-123; Path=/; Max-Age=1; HttpOnly; SameSite=Lax'],
    [{ http_only: false }, 'gateway_sticky=abc-123; Path=/; Max-Age=3600; SameSite=Lax'],
    [
      { same_site: 'strict', path: '/shop', domain: 'shop.example' },
      'gateway_sticky=abc-123; Path=/shop; Domain=shop.example; Max-Age=3600; HttpOnly; SameSite=Strict',
    ],
    [
      { same_site: 'none', partitioned: true },
      'gateway_sticky=abc-123; Path=/; Max-Age=3600; HttpOnly; SameSite=None; Partitioned',
    ],
  ])('says with %o: %s', (attributes, field) => {
    expect(write(attributes)).toBe(field)
  })

  it('has Secure where the client can keep it', () => {
    expect(write({}, true)).toBe(
      'gateway_sticky=abc-123; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure',
    )
  })
})

function write(attributes: Partial<CookieAttributes>, secure = false): string {
  const defaults = {
    ttl: 3_600_000,
    http_only: true,
    same_site: 'lax',
    path: '/',
    partitioned: false,
  } as const
  return new SetCookie('gateway_sticky', { ...defaults, ...attributes }).write('abc-123', secure)
}
