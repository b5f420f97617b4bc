import { HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { IdentityFields, setIdentityField } from '../src/index.ts'

describe('identity fields', () => {
  it.each(['x-consumer-name', 'x_consumer_name', 'x-consumer_name', 'x_consumer-name'])(
    'remove %s, which an application may take for X-Consumer-Name',
    (name) => {
      const headers = new HeaderList([name, 'admin', 'accept', '*/*', name, 'root'])

      new IdentityFields(['X-Consumer-Name']).clear(headers)

      expect([...headers]).toEqual([['accept', '*/*']])
    },
  )

  it('remove every one of several names', () => {
    const headers = new HeaderList(['x-user', 'a', 'x-groups', 'b', 'x-users', 'c'])

    new IdentityFields(['X-User', 'X-Groups']).clear(headers)

    expect([...headers]).toEqual([['x-users', 'c']])
  })

  it('remove a name with many dashes in its two usual spellings', () => {
    const headers = new HeaderList(['a-b-c-d-e-f-g', '1', 'a_b_c_d_e_f_g', '2', 'x', '3'])

    new IdentityFields(['a-b-c-d-e-f-g']).clear(headers)

    expect([...headers]).toEqual([['x', '3']])
  })

  it('are refused if they can be no field names', () => {
    expect(() => new IdentityFields(['x user'])).toThrow(
      expect.objectContaining({ code: 'GW_INVALID_HEADER' }),
    )
  })

  it.each(['Host', 'Content-Length', 'transfer-encoding', 'Connection'])(
    'are refused if the message is made of them: %s',
    (name) => {
      expect(() => new IdentityFields(['x-user', name], ['user_header'])).toThrow(
        expect.objectContaining({ code: 'GW_IDENTITY_FIELD', option: ['user_header'] }),
      )
    },
  )
})

describe('setting an identity field', () => {
  it('sends text that is not ASCII as UTF-8', () => {
    const headers = new HeaderList()

    expect(setIdentityField(headers, 'x-user', 'Jürgen')).toBe(true)

    expect(Buffer.from(headers.get('x-user') ?? '', 'latin1').toString()).toBe('Jürgen')
  })

  it.each(['a\r\nx-admin: 1', 'a\0', '\x7f'])('refuses control characters in %j', (text) => {
    const headers = new HeaderList()

    expect(setIdentityField(headers, 'x-user', text)).toBe(false)

    expect(headers.size).toBe(0)
  })
})
