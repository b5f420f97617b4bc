import { describe, expect, it } from 'vitest'
import { isGrpc, suffixOf, tryWebType } from '../src/media-type.ts'

describe('a content type', () => {
  it.each([
    'application/grpc',
    'application/grpc+proto',
    'application/grpc+json; charset=utf-8',
    'APPLICATION/GRPC',
    'Application/Grpc+Proto;v=1',
    'application/grpc ; x=y',
  ])('of gRPC is %s', (type) => {
    expect(isGrpc(type)).toBe(true)
  })

  it.each([
    undefined,
    '',
    'application/grpc-web',
    'application/grpc-web+proto',
    'application/grpc-web-text',
    'application/grpcx',
    'application/grpc+',
    'application/json',
    'xapplication/grpc',
  ])('of gRPC is not %s', (type) => {
    expect(isGrpc(type)).toBe(false)
  })

  it.each([
    ['application/grpc-web', false, ''],
    ['application/grpc-web+proto', false, '+proto'],
    ['application/grpc-web-text', true, ''],
    ['Application/Grpc-Web-Text+Proto; charset=utf-8', true, '+Proto'],
  ])('of gRPC-Web is %s', (type, text, suffix) => {
    expect(tryWebType(type)).toEqual({ text, suffix })
  })

  it.each([undefined, 'application/grpc', 'application/grpc-websocket', 'text/plain'])(
    'of gRPC-Web is not %s',
    (type) => {
      expect(tryWebType(type)).toBeUndefined()
    },
  )

  it('says how messages are written', () => {
    expect(suffixOf('application/grpc+json; charset=utf-8')).toBe('+json')
    expect(suffixOf('application/grpc')).toBe('')
  })
})
