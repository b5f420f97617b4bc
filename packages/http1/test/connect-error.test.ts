import { describe, expect, it } from 'vitest'
import { connectError } from '../src/index.ts'

describe('a connection that cannot be made', () => {
  it.each(['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND'])(
    'is the fault of the server: %s',
    (code) => {
      const error = connectError('http://a.test/', Object.assign(new Error('connect'), { code }))

      expect(error).toMatchObject({
        code: 'GW_UPSTREAM_CONNECT',
        source: 'upstream',
        retryable: true,
      })
      expect(error.message).toContain(code)
    },
  )

  it.each(['EMFILE', 'EADDRNOTAVAIL', 'ENOBUFS'])('is the fault of the gateway: %s', (code) => {
    const error = connectError('http://a.test/', Object.assign(new Error('connect'), { code }))

    expect(error).toMatchObject({ code: 'GW_INTERNAL', source: 'gateway', retryable: true })
  })
})
