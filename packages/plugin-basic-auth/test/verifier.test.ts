import { describe, expect, it } from 'vitest'
import { Verifier } from '../src/verifier.ts'
import { bea, password } from './logins.ts'

const hash = bea.slice('bea:'.length)

/** A thread that says on which thread it runs, hangs, or dies. */
const scripted = new URL(
  'data:text/javascript,' +
    encodeURIComponent(`
  import { parentPort, threadId } from 'node:worker_threads'
  parentPort.on('message', ({ password }) => {
    if (password === 'die') throw new Error('died')
    if (password === 'exit') process.exit(1)
    if (password === 'hang') return
    parentPort.postMessage({ fits: threadId > 0 })
  })
`),
)

describe('a verifier', () => {
  it('works in a thread, which starts with the first password', async () => {
    await using verifier = new Verifier({ entry: scripted })
    expect(verifier.running).toBe(false)

    expect(await verifier.isPasswordOf(hash, 'any')).toBe(true)

    expect(verifier.running).toBe(true)
  })

  it('says whether the password fits', async () => {
    await using verifier = new Verifier()

    expect(await verifier.isPasswordOf(hash, password)).toBe(true)
    expect(await verifier.isPasswordOf(hash, 'wrong')).toBe(false)
  })

  it('leaves the event loop free meanwhile', async () => {
    await using verifier = new Verifier()
    let turns = 0
    let done = false
    const count = (): void => {
      turns++
      if (!done) setImmediate(count)
    }

    const verified = verifier.isPasswordOf(hash.replace('$05$', '$10$'), 'wrong')
    count()
    await verified
    done = true

    expect(turns).toBeGreaterThan(10)
  })

  it('lets no more wait than it should', async () => {
    await using verifier = new Verifier({ entry: scripted, maxWaiting: 2 })
    const first = [1, 2, 3].map(() => verifier.isPasswordOf(hash, 'any'))

    await expect(verifier.isPasswordOf(hash, 'any')).rejects.toMatchObject({
      code: 'GW_BASIC_AUTH_BUSY',
    })

    expect(await Promise.all(first)).toEqual([true, true, true])
    expect(await verifier.isPasswordOf(hash, 'any')).toBe(true)
  })

  it.each(['die', 'exit'])('goes on with a new thread if one has to %s', async (how) => {
    await using verifier = new Verifier({ entry: scripted })
    const broken = verifier.isPasswordOf(hash, how)
    const next = verifier.isPasswordOf(hash, 'any')

    await expect(broken).rejects.toMatchObject({ code: 'GW_BASIC_AUTH_VERIFIER' })

    expect(await next).toBe(true)
  })

  it('leaves nobody waiting when it ends', async () => {
    const verifier = new Verifier({ entry: scripted })
    const stuck = [1, 2].map(() => verifier.isPasswordOf(hash, 'hang'))
    const outcome = Promise.allSettled(stuck)

    await verifier[Symbol.asyncDispose]()

    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(verifier.running).toBe(false)
    await expect(verifier.isPasswordOf(hash, 'any')).rejects.toMatchObject({
      code: 'GW_BASIC_AUTH_VERIFIER',
    })
  })

  it('ends its thread once nothing was to be done for a while', async () => {
    await using verifier = new Verifier({ entry: scripted, idleMs: 1 })
    await verifier.isPasswordOf(hash, 'any')

    await expect.poll(() => verifier.running, { timeout: 20_000 }).toBe(false)

    expect(await verifier.isPasswordOf(hash, 'any')).toBe(true)
  })
})
