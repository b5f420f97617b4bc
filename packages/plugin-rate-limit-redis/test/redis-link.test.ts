import { recordLogs } from '@gatewright/testing'
import { expect, it, vi } from 'vitest'
import { RedisLink } from '../src/redis-link.ts'

it.each([
  'redis://127.0.0.1:6379/abc',
  'redis://u:p%zzw@127.0.0.1:6379/0',
  'unix://relative',
  'no URL at all',
])('does not end the process over %s, says it once, and shows no password', async (url) => {
  const logs = recordLogs()
  using link = new RedisLink(url, 50, logs.log)
  const warnings = () => logs.find({ msg: 'rate limit cannot be counted in Redis' })
  link.connect()

  await vi.waitFor(() => expect(warnings()).toHaveLength(1))

  expect(link.decide('token-bucket', 'key', [])).toBeUndefined()
  expect(JSON.stringify(logs.entries)).not.toContain('zzw')
})
