import { describe, expect, it } from 'vitest'
import {
  forwardedKinds,
  hopByHopKinds,
  Kind,
  kindOf,
  kindSet,
  protectedKinds,
} from '../../src/index.ts'

describe('kindOf', () => {
  it.each([
    ['host', Kind.host],
    ['connection', Kind.connection],
    ['content-length', Kind.contentLength],
    ['transfer-encoding', Kind.transferEncoding],
    ['upgrade', Kind.upgrade],
    ['expect', Kind.expect],
    ['te', Kind.te],
    ['trailer', Kind.trailer],
    ['keep-alive', Kind.keepAlive],
    ['proxy-connection', Kind.proxyConnection],
    ['http2-settings', Kind.http2Settings],
    ['proxy-authenticate', Kind.proxyAuthenticate],
    ['proxy-authorization', Kind.proxyAuthorization],
    ['forwarded', Kind.forwarded],
    ['date', Kind.date],
    ['server', Kind.server],
    ['via', Kind.via],
    ['content-type', Kind.contentType],
    ['content-encoding', Kind.contentEncoding],
    ['authorization', Kind.authorization],
    ['cookie', Kind.cookie],
    ['set-cookie', Kind.setCookie],
    ['location', Kind.location],
    ['x-forwarded-for', Kind.xForwardedFor],
    ['x-forwarded-host', Kind.xForwardedHost],
    ['x-forwarded-proto', Kind.xForwardedProto],
    ['x-forwarded-port', Kind.xForwardedPort],
    ['x-forwarded-server', Kind.xForwardedServer],
    ['x-forwarded-prefix', Kind.xForwardedOther],
    ['x-forwarded-client-cert', Kind.xForwardedOther],
    ['x-real-ip', Kind.xRealIp],
    ['content_length', Kind.framingAlias],
    ['transfer_encoding', Kind.framingAlias],
  ])('knows %s in any case', (name, kind) => {
    expect(find(name)).toBe(kind)
    expect(find(name.toUpperCase())).toBe(kind)
  })

  it.each(['x_forwarded_for', 'X-Forwarded_For', 'x_real_ip', 'X_FORWARDED-Proto'])(
    'counts %s among the forwarded fields, since CGI cannot tell it from the real one',
    (name) => {
      expect(forwardedKinds & kindSet(find(name))).not.toBe(0)
    },
  )

  it.each([
    '',
    'x',
    'hosts',
    'hos',
    'content_type',
    'content_lengths',
    'x-real-ips',
    'x-forwarded',
  ])('does not know "%s"', (name) => {
    expect(find(name)).toBe(Kind.other)
  })

  it('does not know a name of 40 bytes', () => {
    expect(find(`host${'x'.repeat(36)}`)).toBe(Kind.other)
  })
})

describe('sets of kinds', () => {
  it('never hold unknown fields', () => {
    for (const set of [forwardedKinds, hopByHopKinds, protectedKinds]) {
      expect(set & kindSet(Kind.other)).toBe(0)
    }
  })

  it('keeps every kind below 32, so that a set is one integer', () => {
    const numbers = Object.values(Kind)

    expect(new Set(numbers).size).toBe(numbers.length)
    expect(Math.max(...numbers)).toBeLessThan(32)
  })
})

function find(name: string): number {
  const buf = Buffer.from(`(${name})`, 'latin1')
  return kindOf(buf, 1, buf.length - 1)
}
