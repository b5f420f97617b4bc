import { errors as kernelErrors } from '@gatewright/kernel'
import {
  type MountedFeature,
  memoryServers,
  mountServiceFeature,
  type Script,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { failover } from '../src/index.ts'

describe('a service with a failover', () => {
  it('is asked while one of its servers is healthy', async () => {
    await using mounted = await mount()
    setHealth(mounted, { a: false })

    expect(await askedBy(mounted, 2)).toEqual(['b', 'b'])
  })

  it('is spared while none of its servers is healthy', async () => {
    await using mounted = await mount()
    setHealth(mounted, { a: false, b: false })

    expect(await askedBy(mounted, 2)).toEqual(['spare', 'spare'])
  })

  it('is asked again as soon as one is', async () => {
    await using mounted = await mount()
    setHealth(mounted, { a: false, b: false })
    await mounted.send()
    setHealth(mounted, { b: true })

    expect(await askedBy(mounted, 2)).toEqual(['b', 'b'])
  })

  it('answers 503 when nobody is healthy', async () => {
    await using mounted = await mount()
    setHealth(mounted, { a: false, b: false })
    setHealth(mounted, { spare: false }, 'spare')

    expect(await mounted.send()).toMatchObject({ status: 503 })
    expect(mounted.upstream.requests).toEqual([])
  })

  it('is not down because its servers are busy', async () => {
    await using mounted = await mount()
    const { pool } = mounted.service()
    for (const endpoint of pool.all) pool.setLimit(endpoint, 'test', 1)
    const finish = Promise.withResolvers<number>()
    mounted.upstream.behave(() => finish.promise)
    const busy = [mounted.send(), mounted.send()]

    expect(await mounted.send()).toMatchObject({ status: 503 })
    finish.resolve(200)
    await Promise.all(busy)
  })

  it('says once that it is down and once that it is up', async () => {
    await using mounted = await mount()
    setHealth(mounted, { a: false, b: false })
    await askedBy(mounted, 3)
    setHealth(mounted, { a: true, b: true })
    await askedBy(mounted, 3)

    const messages = mounted.logs.entries.map(({ level, msg }) => [level, msg])
    expect(messages).toEqual([
      ['warn', 'service is down; its failover takes over'],
      ['info', 'service is up; its failover rests'],
    ])
  })

  it('has to be up for a while if that is asked for', async () => {
    await using mounted = await mount({ recover_after: '1h' })
    setHealth(mounted, { a: false, b: false })
    setHealth(mounted, { a: true })

    expect(await askedBy(mounted, 1)).toEqual(['spare'])
    setHealth(mounted, { spare: false }, 'spare')
    expect(await askedBy(mounted, 1)).toEqual(['a'])
  })

  it('stays down over a reload', async () => {
    const options = { recover_after: '1h' }
    await using mounted = await mount(options)
    setHealth(mounted, { a: false, b: false })
    setHealth(mounted, { a: true })

    await mounted.reload({ service: 'spare', ...options })

    expect(await askedBy(mounted, 1)).toEqual(['spare'])
    setHealth(mounted, { a: false })
    expect(mounted.logs.entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it('may name one that has a failover itself', async () => {
    await using mounted = await mount({}, { failover: { service: 'last' } })
    setHealth(mounted, { a: false, b: false })
    setHealth(mounted, { spare: false }, 'spare')

    expect(await askedBy(mounted, 1)).toEqual(['last'])
  })

  it('refuses a circle, and says which way round it goes', async () => {
    await expect(mount({}, { failover: { service: 'featured' } })).rejects.toMatchObject({
      problems: [
        {
          code: 'GW_REFERENCE_CYCLE',
          message: 'services refer to each other in a circle: spare → featured → spare',
          path: ['services', 'spare', 'failover', 'service'],
        },
      ],
    })
  })
})

describe('a request whose answer has one of the statuses', () => {
  const statuses = [502, 503]

  it('is sent to the other service, body and all', async () => {
    await using mounted = await mount({ statuses })
    mounted.upstream.behave(failsAt('a', 503))

    const { status, body } = await mounted.send({ method: 'PUT', body: 'content' })

    expect([status, body.toString()]).toEqual([200, 'spare'])
    expect(mounted.upstream.requests.map(({ text }) => text)).toEqual(['content', 'content'])
  })

  it('goes there also because the gateway could not get an answer', async () => {
    await using mounted = await mount({ statuses })
    mounted.upstream.behave(
      failsAt('a', kernelErrors.GW_UPSTREAM_RESET({ endpoint: 'a', problem: 'reset' })),
    )

    expect(await mounted.send()).toMatchObject({ status: 200 })
  })

  it('is not sent twice if that may do it twice', async () => {
    await using mounted = await mount({ statuses })
    mounted.upstream.behave(failsAt('a', 503))

    expect(await mounted.send({ method: 'POST', body: 'order' })).toMatchObject({ status: 503 })
    expect(mounted.upstream.requests).toHaveLength(1)
  })

  it('is sent there whatever its method if nothing of it was sent', async () => {
    await using mounted = await mount({ statuses })
    const refused = kernelErrors.GW_UPSTREAM_CONNECT({ endpoint: 'a', problem: 'refused' })
    mounted.upstream.behave(failsAt('a', refused))

    expect(await mounted.send({ method: 'POST', body: 'order' })).toMatchObject({ status: 200 })
  })

  it('keeps its answer if more of its body has been read than is kept', async () => {
    await using mounted = await mount({ statuses, max_replay_bytes: 4 })
    mounted.upstream.behave(failsAt('a', 503))

    expect(await mounted.send({ method: 'PUT', body: 'content' })).toMatchObject({ status: 503 })
  })

  it('keeps the answer of the other service, whatever that is', async () => {
    await using mounted = await mount({ statuses })
    mounted.upstream.behave(503)

    expect(await mounted.send()).toMatchObject({ status: 503 })
    expect(mounted.upstream.requests).toHaveLength(2)
  })

  it('keeps any other answer', async () => {
    await using mounted = await mount({ statuses })
    mounted.upstream.behave(500)

    expect(await mounted.send()).toMatchObject({ status: 500 })
    expect(mounted.upstream.requests).toHaveLength(1)
  })
})

const both = {
  spare: { load_balancer: memoryServers('spare') },
  last: { load_balancer: memoryServers('last') },
}

function mount(options: object = {}, more: object = {}): Promise<MountedFeature> {
  const services = { ...both, spare: { ...both.spare, ...more } }
  return mountServiceFeature(
    failover,
    { service: 'spare', ...options },
    { config: { services }, upstream: answerWithName },
  )
}

const answerWithName: Script = ({ attempt }) => ({ body: attempt.endpoint.url.host })

function failsAt(name: string, outcome: Exclude<Script, readonly unknown[]>): Script {
  return (request) =>
    request.attempt.endpoint.url.host === name
      ? outcome
      : { body: request.attempt.endpoint.url.host }
}

function setHealth(
  { service }: MountedFeature,
  healthy: Readonly<Record<string, boolean>>,
  name = 'featured',
): void {
  const { pool } = service(name)
  for (const endpoint of pool.all) {
    const verdict = healthy[endpoint.url.host]
    if (verdict !== undefined) pool.setHealthy(endpoint, 'test', verdict)
  }
}

/** The servers that so many requests reach, one after the other. */
async function askedBy({ send }: MountedFeature, count: number): Promise<string[]> {
  const asked: string[] = []
  for (let i = 0; i < count; i++) asked.push((await send()).body.toString())
  return asked
}
