import { describe, expect, it } from 'vitest'
import { UpstreamOrigin } from '../../src/index.ts'

describe('the origin of a server', () => {
  it.each([
    ['http://Example.com', 'http://example.com', 'example.com', 'example.com', 80, ''],
    [
      'http://127.0.0.1:8001/base/',
      'http://127.0.0.1:8001',
      '127.0.0.1:8001',
      '127.0.0.1',
      8001,
      '/base',
    ],
    ['http://[::1]:8001', 'http://[::1]:8001', '[::1]:8001', '::1', 8001, ''],
    ['h2c://example.com', 'h2c://example.com', 'example.com', 'example.com', 80, ''],
    ['h2c://127.0.0.1:80/base', 'h2c://127.0.0.1', '127.0.0.1', '127.0.0.1', 80, '/base'],
    ['h2c://[0::1]:8001/', 'h2c://[::1]:8001', '[::1]:8001', '::1', 8001, ''],
  ])('takes %s apart', (url, text, authority, host, port, basePath) => {
    expect(new UpstreamOrigin(new URL(url))).toEqual({ text, authority, host, port, basePath })
  })
})
