import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gatewayFile, startGateway, startUpstream } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-ip-allow-'))
})

afterEach(() => rm(folder, { recursive: true }))

describe('ip-allow in a gateway', () => {
  it('knows the client behind a proxy that the entrypoint trusts', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configOf(
        upstream.url,
        'allowed_ips = ["203.0.113.0/24"]',
        'forwarded_headers { trusted_ips = ["127.0.0.1"] }',
      ),
    )

    const inside = await gateway.request('/', from('198.51.100.1, 203.0.113.9'))
    const outside = await gateway.request('/', from('203.0.113.9, 198.51.100.1'))

    expect(inside.status).toBe(200)
    expect(outside.status).toBe(403)
    expect(outside.json()).toMatchObject({ code: 'GW_IP_ALLOW_DENIED', error: 'Forbidden' })
    expect(upstream.requests).toHaveLength(1)
  })

  it('does not believe a client that nobody trusts', async () => {
    await using upstream = await startUpstream()
    const options = 'allowed_ips = ["203.0.113.0/24"]'
    await using gateway = await startGateway(configOf(upstream.url, options))

    expect((await gateway.request('/', from('203.0.113.9'))).status).toBe(403)
  })

  it('does not believe it with a strategy either', async () => {
    await using upstream = await startUpstream()
    const options = 'allowed_ips = ["203.0.113.0/24"]\n ip_strategy { depth = 1 }'
    await using gateway = await startGateway(configOf(upstream.url, options))

    expect((await gateway.request('/', from('203.0.113.9'))).status).toBe(403)
  })

  it('follows its files, and keeps the last good list', async () => {
    const allowed = join(folder, 'allowed')
    const denied = join(folder, 'denied')
    await writeFile(allowed, '# inside\n10.0.0.0/8\n\n127.0.0.0/8 # ourselves\n')
    await writeFile(denied, '')
    await using upstream = await startUpstream()
    const options = `allowed_ips_file = "${allowed}"\n denied_ips_file = "${denied}"`
    await using gateway = await startGateway(configOf(upstream.url, options))
    const answers = (status: number): Promise<void> =>
      vi.waitFor(async () => expect((await gateway.request('/')).status).toBe(status), 5000)
    await answers(200)

    await writeFile(denied, '127.0.0.1')
    await answers(403)
    await writeFile(denied, '127.0.0.2')
    await answers(200)
    await writeFile(allowed, '')

    await vi.waitFor(
      () => expect(gateway.logs.find({ level: 'error', path: allowed })).toHaveLength(1),
      5000,
    )
    await answers(200)
  })

  it('refuses a file with a line that is no network', async () => {
    const denied = join(folder, 'denied')
    await writeFile(denied, '10.0.0.1\nevil.example\n')
    await using upstream = await startUpstream()

    await expect(
      startGateway(configOf(upstream.url, `denied_ips_file = "${denied}"`)),
    ).rejects.toMatchObject({
      problems: [
        {
          code: 'GW_WATCHED_FILE_INVALID',
          message: expect.stringContaining('line 2: that is no network'),
        },
      ],
    })
  })
})

function from(forwardedFor: string) {
  return { headers: { 'X-Forwarded-For': forwardedFor } }
}

function configOf(url: string, options: string, entrypoint = ''): string {
  return gatewayFile(url, `type = "ip-allow"\n ${options}`, { entrypoint })
}
