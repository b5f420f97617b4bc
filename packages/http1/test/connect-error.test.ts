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

  it.each(['EADDRNOTAVAIL', 'ENOBUFS'])('is the fault of the gateway: %s', (code) => {
    const error = connectError('http://a.test/', Object.assign(new Error('connect'), { code }))

    expect(error).toMatchObject({ code: 'GW_INTERNAL', source: 'gateway', retryable: true })
  })

  it.each(['EMFILE', 'ENFILE'])('is one of too many, and says what to do: %s', (code) => {
    const error = connectError('http://a.test/', Object.assign(new Error('connect'), { code }))

    expect(error).toMatchObject({
      code: 'GW_OUT_OF_FILES',
      status: 503,
      source: 'gateway',
      retryable: true,
      headers: ['retry-after', '1'],
    })
    expect(error.message).toContain(code)
    expect(error.message).toContain('ulimit -n')
  })
})
