import {
  certificateFiles,
  recordFigures,
  startGateway,
  startUpstream,
  testCertificate,
} from '@gatewright/testing'
import { expect, it } from 'vitest'
import { configFor } from './behind.ts'

const pair = { cert_file: 'a.crt', key_file: 'a.key' }
const both = { certificates: [pair, { cert_file: 'wild.crt', key_file: 'wild.key' }] }

it('figures tell when the certificates expire that clients get, and of no others', async () => {
  await using upstream = await startUpstream()
  await using files = await certificateFiles({
    a: await testCertificate({ names: ['a.test', 'also.test'] }),
    wild: await testCertificate({ names: ['*.wild.test'] }),
  })
  const recorded = recordFigures()
  const entrypoint = { tls: both }
  await using gateway = await startGateway(configFor(upstream.url, { entrypoint }), {
    baseDir: files.folder,
    plugins: [recorded.plugin],
  })
  const expiries = (): [string, number][] =>
    Object.entries(recorded.read(gateway.gateway)).filter(([name]) => name.startsWith('tls_'))
  const tomorrow = (Date.now() + 24 * 3_600_000) / 1000

  expect(expiries()).toEqual([
    [
      'tls_certificate_expiry_timestamp_seconds{domain="a.test",source="file"}',
      expect.closeTo(tomorrow, -3),
    ],
    [
      'tls_certificate_expiry_timestamp_seconds{domain="*.wild.test",source="file"}',
      expect.closeTo(tomorrow, -3),
    ],
  ])
  await gateway.reload(configFor(upstream.url, { entrypoint: { tls: pair } }))
  expect(expiries()).toHaveLength(1)
  await gateway.reload(configFor(upstream.url))
  expect(expiries()).toEqual([])
})
