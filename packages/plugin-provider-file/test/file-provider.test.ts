import { readHcl } from '@gatewright/config-hcl'
import { describe, expect, it } from 'vitest'
import { expectAnswers, mainFile, routerTo, startWorld } from './world.ts'

const leftOut = 'a part of the configuration is left out'
const lastGood = 'a part of the configuration keeps its last good content'

/** What a router answers whose server is not there. */
const found = 502

describe('the files of a folder', () => {
  it('are there from the first request on, also those below it', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': routerTo('a'),
      'conf.d/teams/b.hcl': routerTo('b'),
      'conf.d/c.toml': 'routers {',
      'conf.d/.d.hcl': 'routers {',
      'conf.d/e.hcl~': 'routers {',
    })

    await expectAnswers(world, { main: found, a: found, b: found })
    expect(world.gateway.snapshot.routes.map(({ router }) => router)).toHaveLength(3)
    expect(world.status()).toEqual({
      type: 'file',
      state: 'synced',
      refused: [],
      syncedAt: expect.any(Number),
      syncs: { changed: 1, unchanged: 0, error: 0 },
      objects: { entrypoints: 0, routers: 2, middlewares: 0, services: 0 },
    })
  })

  it('may refer to each other and to the main file, and it to them', async () => {
    const servers = 'load_balancer {\n servers = [{ url = "http://127.0.0.1:9" }]\n}'
    await using world = await startWorld({
      'gateway.hcl': mainFile(undefined, routerTo('x', 'from-a')),
      'conf.d/a.hcl': `services "from-a" {\n ${servers}\n}`,
      'conf.d/b.hcl': routerTo('b', 'from-a'),
    })

    await expectAnswers(world, { x: found, b: found })
  })

  it('are followed: changed, added, removed', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': routerTo('a'),
    })
    await world.folder.write('conf.d/a.hcl', routerTo('a2'))
    await expectAnswers(world, { a: 404, a2: found })
    await world.folder.write('conf.d/b.hcl', routerTo('b'))
    await expectAnswers(world, { b: found })
    await world.folder.remove('conf.d/b.hcl')
    await expectAnswers(world, { a2: found, b: 404 })
    await world.folder.remove('conf.d/a.hcl')
    await expectAnswers(world, { main: found, a2: 404 })
  })

  it('are followed as a mounted ConfigMap', async () => {
    await using world = await startWorld({ 'gateway.hcl': mainFile() })
    await world.folder.mount('conf.d', '1', { 'a.hcl': routerTo('a') })
    await expectAnswers(world, { a: found })
    await world.folder.mount('conf.d', '2', { 'a.hcl': routerTo('a2') })
    await expectAnswers(world, { a: 404, a2: found })
  })

  it('are not followed if that is not wanted, but read by a reload', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile('file {\n watch = false\n directory = "conf.d"\n}'),
    })
    await world.folder.write('conf.d/a.hcl', routerTo('a'))
    await expectAnswers(world, { a: 404 })

    await world.gateway.reload(await readHcl(world.folder.at('gateway.hcl')))
    await expectAnswers(world, { a: found })
  })

  it('stay in force while their folder is gone', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': routerTo('a'),
    })
    await world.folder.remove('conf.d')
    expect(await world.logged(leftOut)).toMatchObject({
      code: 'GW_FILE_DIRECTORY',
      problem: expect.stringContaining('there is no such file or folder'),
      hint: expect.any(String),
    })
    await expectAnswers(world, { a: found })

    await world.folder.write('conf.d/b.hcl', routerTo('b'))
    await expectAnswers(world, { a: 404, b: found })
    expect(world.status()).toMatchObject({ state: 'synced' })
  })

  it('may lie in a folder with the main file', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile('file {\n directory = "."\n}'),
      'a.hcl': routerTo('a'),
    })

    await expectAnswers(world, { main: found, a: found })
    expect(world.status()).toMatchObject({ state: 'synced' })
  })

  it('are read once, wherever links lead', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/deep/a.hcl': routerTo('a'),
    })
    await world.folder.link('conf.d/deep/up', '..')
    await world.folder.link('conf.d/other', 'deep')
    await world.folder.write('conf.d/b.hcl', routerTo('b'))

    await expectAnswers(world, { a: found, b: found })
    expect(world.status()).toMatchObject({ state: 'synced', refused: [] })
  })
})

describe('a file of the folder that is wrong', () => {
  it.each([
    ['is not HCL', 'routers "b" {', 'conf.d/b.hcl:1:13', 'GW_CONFIG_SYNTAX'],
    ['has an unknown key', `\n${routerTo('b')}rooters "x" {\n}`, 'conf.d/b.hcl:6:1', 'MAIN_ONLY'],
    ['names a missing service', routerTo('b', 'no'), 'conf.d/b.hcl:3:13', 'UNKNOWN_REFERENCE'],
    [
      'has a rule that does not compile',
      'routers "b" {\n  rule    = "Bogus("\n  service = "app"\n}',
      'conf.d/b.hcl:2:',
      'GW_RULE',
    ],
    [
      'defines what another file defines',
      routerTo('b', 'app', 'a'),
      'conf.d/b.hcl:1:1',
      'DUPLICATE',
    ],
    [
      'defines what the main file defines',
      routerTo('b', 'app', 'main'),
      'conf.d/b.hcl:1:1',
      'DUPLICATE',
    ],
    ['has providers', 'providers {\n}', 'conf.d/b.hcl:1:1', 'MAIN_ONLY'],
    ['has plugins', 'plugins "x" {\n}', 'conf.d/b.hcl:1:1', 'MAIN_ONLY'],
    ['has a top-level key', 'shutdown_timeout_secs = 3', 'conf.d/b.hcl:1:', 'MAIN_ONLY'],
    ['has a block without its label', 'routers {\n}', 'conf.d/b.hcl:1:1', 'GW_CONFIG_LABEL'],
    ['needs a variable that is not set', 'x = "${NOT_SET}"', 'conf.d/b.hcl:1:', 'MISSING_ENV'],
  ])('is left out alone if it %s, with its place', async (_, text, at, code) => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': routerTo('a'),
      'conf.d/b.hcl': text,
      'conf.d/c.hcl': routerTo('c'),
    })

    await expectAnswers(world, { main: found, a: found, b: 404, c: found })
    expect(world.logs.find({ msg: leftOut })).toMatchObject([
      {
        level: 'error',
        provider: 'file',
        source: expect.stringMatching(/conf\.d\/b\.hcl$/),
        at: expect.stringContaining(at),
        code: expect.stringContaining(code),
        hint: expect.any(String),
      },
    ])
    expect(world.status()).toMatchObject({ state: 'degraded', refused: [{ standIn: 'nothing' }] })
  })

  it('keeps its last good content until it is right again, and the rest goes on', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': routerTo('a'),
      'conf.d/b.hcl': routerTo('b'),
    })
    await world.folder.write('conf.d/b.hcl', routerTo('b2', 'no'))
    expect(await world.logged(lastGood)).toMatchObject({
      at: expect.stringMatching(/conf\.d\/b\.hcl:3:13$/),
      path: 'routers.b2.service',
      problem: 'unknown service "no"',
    })
    await world.folder.write('conf.d/a.hcl', routerTo('a2'))
    await expectAnswers(world, { a: 404, a2: found, b: found, b2: 404 })
    expect(world.logs.find({ msg: lastGood })).toHaveLength(1)

    await world.folder.write('conf.d/b.hcl', routerTo('b2'))
    await expectAnswers(world, { a2: found, b: 404, b2: found })
    expect(world.status()).toMatchObject({ state: 'synced', refused: [] })
  })

  it('keeps its routers if it is emptied for good', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/b.hcl': routerTo('b'),
    })
    await world.folder.write('conf.d/b.hcl', '')

    expect(await world.logged(lastGood)).toMatchObject({
      at: expect.stringMatching(/conf\.d\/b\.hcl$/),
      code: 'GW_FILE_EMPTY',
      hint: expect.stringContaining('remove the file'),
    })
    await expectAnswers(world, { main: found, b: found })
  })

  it('refuses everything if that is wanted', async () => {
    const strict = 'file {\n directory = "conf.d"\n on_fragment_error = "strict"\n}'
    const files = { 'gateway.hcl': mainFile(strict), 'conf.d/b.hcl': routerTo('b', 'no') }

    await expect(startWorld(files)).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      problems: [{ file: expect.stringMatching(/conf\.d\/b\.hcl$/), line: 3, column: 13 }],
    })
  })

  it('changes nothing any more if that is wanted, until it is right', async () => {
    const strict =
      'file {\n directory = "conf.d"\n debounce_ms = 20\n on_fragment_error = "strict"\n}'
    await using world = await startWorld({
      'gateway.hcl': mainFile(strict),
      'conf.d/b.hcl': routerTo('b'),
    })
    await world.folder.write('conf.d/b.hcl', routerTo('b', 'no'))
    await world.logged('news of a provider were refused')
    await world.folder.write('conf.d/a.hcl', routerTo('a'))
    await expectAnswers(world, { a: 404, b: found })

    await world.folder.write('conf.d/b.hcl', routerTo('b2'))
    await expectAnswers(world, { a: found, b: 404, b2: found })
  })

  it('is told of by a check, like every other', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': 'routers "a" {',
      'conf.d/b.hcl': routerTo('b', 'no'),
    })

    const document = await readHcl(world.folder.at('gateway.hcl'))

    expect(await world.gateway.validate(document)).toMatchObject([
      { code: 'GW_CONFIG_SYNTAX', file: world.folder.at('conf.d/a.hcl'), line: 1 },
      { code: 'GW_UNKNOWN_REFERENCE', file: world.folder.at('conf.d/b.hcl'), line: 3 },
    ])
  })
})

describe('limits', () => {
  it('are 1000 files', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 1001 }, (_, index) => [`conf.d/${index}.hcl`, '']),
    )
    await using world = await startWorld({ 'gateway.hcl': mainFile(), ...files })

    expect(world.logs.find({ msg: leftOut })).toMatchObject([
      { code: 'GW_FILE_DIRECTORY', problem: expect.stringContaining('more than 1000 files') },
    ])
  })

  it('are 16 levels', async () => {
    const deep = 'd/'.repeat(15)
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      [`conf.d/${deep}a.hcl`]: routerTo('a'),
    })
    await expectAnswers(world, { a: found })

    await world.folder.write(`conf.d/${deep}d/b.hcl`, routerTo('b'))

    expect(await world.logged(leftOut)).toMatchObject({
      problem: expect.stringContaining('deeper than 16 levels'),
    })
    await expectAnswers(world, { a: found, b: 404 })
  })

  it('are 5 MiB a file', async () => {
    await using world = await startWorld({
      'gateway.hcl': mainFile(),
      'conf.d/a.hcl': `#${' '.repeat(5 * 1024 * 1024)}`,
      'conf.d/b.hcl': `${routerTo('b')}#${' '.repeat(2 * 1024 * 1024)}`,
    })

    await expectAnswers(world, { b: found })
    expect(world.logs.find({ msg: leftOut })).toMatchObject([
      { problem: expect.stringContaining('bytes, more than 5242880') },
    ])
  })
})

describe('the main file', () => {
  it('is read again when it changes, by a gateway that a program made', async () => {
    await using world = await startWorld({ 'gateway.hcl': mainFile() })
    await world.folder.replace('gateway.hcl', mainFile(undefined, routerTo('x')))
    await expectAnswers(world, { main: found, x: found })
    await world.folder.replace('gateway.hcl', mainFile())
    await expectAnswers(world, { x: 404 })
  })

  it.each([
    ['is wrong', mainFile(undefined, routerTo('x', 'no')), 'GW_CONFIG_INVALID'],
    ['is empty', '', 'GW_CONFIG_EMPTY'],
  ])('stays as it was if it %s, and the folder goes on', async (_, text, code) => {
    await using world = await startWorld({ 'gateway.hcl': mainFile() })
    await world.folder.write('gateway.hcl', text)
    await world.folder.write('conf.d/a.hcl', routerTo('a'))

    expect(await world.logged('news of a provider were refused')).toMatchObject({ code })
    await expectAnswers(world, { main: found, a: found, x: 404 })
  })

  it('starts and stops what follows it', async () => {
    await using world = await startWorld({ 'gateway.hcl': mainFile() })
    await world.folder.write('gateway.hcl', mainFile('file {\n debounce_ms = 10\n}'))
    await expectAnswers(world, { main: found })
    await world.folder.write('gateway.hcl', mainFile().replace(/providers[^}]*\}[^}]*\}/, ''))

    await world.logged('configuration reloaded')
    await expect.poll(() => world.gateway.providers).toEqual([])
    await expectAnswers(world, { main: found })
  })
})
