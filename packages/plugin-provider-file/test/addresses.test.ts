import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { expectAnswers, mainFile, routerTo, startWorld } from './world.ts'

const leftOut = 'a part of the configuration is left out'
const lastGood = 'a part of the configuration keeps its last good content'

/** What a router answers whose server is not there. */
const found = 502

describe('a file of the folder with an entrypoint', () => {
  it('is left out alone if its address is in use, at the start and later', async () => {
    await using one = await takenAddress()
    await using other = await takenAddress()
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': entrypointAt('one', one.address),
      'conf.d/b.hcl': routerTo('b'),
    })
    const refused = {
      code: 'GW_ADDRESS_IN_USE',
      problem: expect.stringContaining('the address is in use'),
    }
    await expectAnswers(world, { main: found, b: found })
    expect(world.logs.find({ msg: leftOut })).toMatchObject([
      { ...refused, at: expect.stringMatching(/conf\.d\/a\.hcl:2:\d+$/) },
    ])

    await world.folder.write('conf.d/b.hcl', entrypointAt('other', other.address) + routerTo('b2'))
    expect(await world.logged(lastGood)).toMatchObject({
      ...refused,
      at: expect.stringMatching(/conf\.d\/b\.hcl:2:\d+$/),
    })
    await world.folder.write('conf.d/c.hcl', routerTo('c'))
    await expectAnswers(world, { b: found, b2: 404, c: found })
  })
})

function entrypointAt(name: string, address: string): string {
  return `entrypoints "${name}" {\n  address = "${address}"\n}\n`
}

async function takenAddress(): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('it listens on no port')
  return {
    address: `127.0.0.1:${at.port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
