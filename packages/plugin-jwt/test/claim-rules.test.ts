import { describe, expect, it } from 'vitest'
import { ClaimRules, claimAt, claimText } from '../src/claim-rules.ts'

const now = 1_000_000
const rules = {
  issuers: [],
  audiences: [],
  scopes: [],
  required_claims: ['exp'],
  claims: {},
  leeway: 60_000,
}

describe('the rules for claims', () => {
  it.each([
    { claims: { exp: now + 1 }, reason: undefined },
    { claims: { exp: now - 59 }, reason: undefined },
    { claims: { exp: now - 60 }, reason: 'expired' },
    { claims: { exp: now + 0.5 }, reason: undefined },
    { claims: { exp: String(now + 1) }, reason: 'malformed' },
    { claims: { exp: null }, reason: 'claim' },
    { claims: {}, reason: 'claim' },
    { claims: { exp: now + 1, nbf: now + 60 }, reason: undefined },
    { claims: { exp: now + 100, nbf: now + 61 }, reason: 'not yet valid' },
    { claims: { exp: now + 100, nbf: '1' }, reason: 'malformed' },
    { claims: { exp: now + 100, iat: now + 60 }, reason: undefined },
    { claims: { exp: now + 100, iat: now + 61 }, reason: 'issued in the future' },
    { claims: { exp: now + 100, sub: 7 }, reason: undefined },
  ])('say "$reason" to $claims', ({ claims, reason }) => {
    expect(new ClaimRules(rules).objectionTo(claims, now)?.reason).toBe(reason)
  })

  it.each([
    { aud: 'api', ok: true },
    { aud: ['other', 'api'], ok: true },
    { aud: ['other'], ok: false },
    { aud: 'other', ok: false },
    { aud: [], ok: false },
    { aud: { api: 'api' }, ok: false },
    { aud: [['api']], ok: false },
    { aud: undefined, ok: false },
  ])('let audience $aud pass: $ok', ({ aud, ok }) => {
    const checked = new ClaimRules({ ...rules, audiences: ['api', 'web'] })

    const objection = checked.objectionTo({ exp: now + 1, aud }, now)

    expect(objection === undefined).toBe(ok)
    expect(objection?.kind ?? 'forbidden').toBe('forbidden')
  })

  it.each([
    { iss: 'https://a', reason: undefined },
    { iss: 'https://a/', reason: 'issuer' },
    { iss: ['https://a'], reason: 'issuer' },
    { iss: undefined, reason: 'issuer' },
  ])('say "$reason" to issuer $iss', ({ iss, reason }) => {
    const checked = new ClaimRules({ ...rules, issuers: ['https://a', 'https://b'] })

    expect(checked.objectionTo({ exp: now + 1, iss }, now)?.reason).toBe(reason)
  })

  it.each([
    { claims: { realm_access: { roles: ['user', 'admin'] } }, ok: true },
    { claims: { realm_access: { roles: 'admin' } }, ok: true },
    { claims: { 'realm_access.roles': 'admin' }, ok: true },
    { claims: { realm_access: { roles: ['administrator'] } }, ok: false },
    { claims: { realm_access: 'roles' }, ok: false },
    { claims: {}, ok: false },
  ])('let $claims pass where a role is wanted: $ok', ({ claims, ok }) => {
    const checked = new ClaimRules({ ...rules, claims: { 'realm_access.roles': 'admin' } })

    expect(checked.objectionTo({ exp: now + 1, ...claims }, now) === undefined).toBe(ok)
  })

  it.each([
    { claims: { scope: 'write read' }, ok: true },
    { claims: { scope: ['read', 'write', 'more'] }, ok: true },
    { claims: { scp: 'read write' }, ok: true },
    { claims: { scp: ['read', 'write'] }, ok: true },
    { claims: { scope: 'read' }, ok: false },
    { claims: { scope: 'reader writer' }, ok: false },
    { claims: { scope: { read: true } }, ok: false },
    { claims: {}, ok: false },
  ])('let $claims pass where two scopes are wanted: $ok', ({ claims, ok }) => {
    const checked = new ClaimRules({ ...rules, scopes: ['read', 'write'] })

    const objection = checked.objectionTo({ exp: now + 1, ...claims }, now)

    expect(objection).toEqual(
      ok ? undefined : expect.objectContaining({ reason: 'scope', kind: 'forbidden' }),
    )
  })

  it('tell when a token ends, and that one without "exp" does not', () => {
    const checked = new ClaimRules({ ...rules, required_claims: [] })

    expect(checked.endOf({ exp: now })).toBe(now + 60)
    expect(checked.endOf({})).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a claim', () => {
  it.each([
    { path: 'sub', value: 'a' },
    { path: 'address.city', value: 'b' },
    { path: 'https://example.com/x', value: 'c' },
    { path: 'address.street', value: undefined },
    { path: 'sub.length', value: undefined },
    { path: 'constructor', value: undefined },
    { path: 'address.__proto__', value: undefined },
  ])('at $path is $value', ({ path, value }) => {
    const claims = { sub: 'a', address: { city: 'b' }, 'https://example.com/x': 'c' }

    expect(claimAt(claims, path)).toBe(value)
  })

  it.each([
    { value: 'a', text: 'a' },
    { value: 7, text: '7' },
    { value: false, text: 'false' },
    { value: ['a', 1], text: 'a,1' },
    { value: [], text: '' },
    { value: ['a', {}], text: undefined },
    { value: [['a']], text: undefined },
    { value: { a: 1 }, text: undefined },
    { value: null, text: undefined },
  ])('$value is the text $text', ({ value, text }) => {
    expect(claimText(value)).toBe(text)
  })
})
