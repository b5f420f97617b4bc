import { describe, expect, it } from 'vitest'
import type { ConfigProblem, GatewayConfigInput } from '../src/config.ts'
import { MemoryGateway, plainConfig, startMemory } from './support/memory-gateway.ts'

const both = {
  web: { address: '127.0.0.1:80' },
  raw: { address: '127.0.0.1:90', protocol: 'tcp' },
}

describe('a routers block', () => {
  it.each<[string, unknown, Partial<ConfigProblem>]>([
    ['without a rule', { service: 'app' }, { message: '"rule" is required' }],
    ['without a service', { rule: '/' }, { message: '"service" is required' }],
    [
      'with an unknown key',
      { rule: '/', service: 'app', servise: 'x' },
      { path: ['routers', 'app', 'servise'], suggestion: 'service' },
    ],
    [
      'with an unknown service',
      { rule: '/', service: 'ap' },
      {
        path: ['routers', 'app', 'service'],
        code: 'GW_UNKNOWN_REFERENCE',
        message: 'unknown service "ap"; did you mean "app"?',
        suggestion: 'app',
      },
    ],
    [
      'with an unknown middleware',
      { rule: '/', service: 'app', middlewares: ['auth'] },
      { path: ['routers', 'app', 'middlewares', 0], message: 'unknown middleware "auth"' },
    ],
    [
      'with an unknown entrypoint',
      { rule: '/', service: 'app', entrypoints: ['wb'] },
      { path: ['routers', 'app', 'entrypoints', 0], suggestion: 'web' },
    ],
    [
      'with a bad rule',
      { rule: 'x', service: 'app' },
      { path: ['routers', 'app', 'rule'], code: 'GW_RULE_SYNTAX' },
    ],
    [
      'on entrypoints of both kinds',
      { rule: '/', service: 'app', entrypoints: ['web', 'raw'] },
      { path: ['routers', 'app', 'entrypoints'], code: 'GW_CONFIG_KIND' },
    ],
  ])('is refused %s', async (_how, block, problem) => {
    const config = { entrypoints: both, routers: { app: block } }

    expect(await problemsOf(config)).toMatchObject([problem])
  })

  it('is refused if nothing leads to it', async () => {
    expect(await problemsOf({ entrypoints: {} })).toMatchObject([
      {
        path: ['routers', 'app'],
        code: 'GW_CONFIG_KIND',
        message: 'no entrypoint for a router of kind "http"',
        hint: 'add an "entrypoints" block',
      },
    ])
  })

  it('is not blamed for an entrypoint that is refused itself', async () => {
    expect(await problemsOf({ entrypoints: { web: { address: 'x' } } })).toMatchObject([
      { path: ['entrypoints', 'web', 'address'] },
    ])
  })

  it('listens everywhere of its kind unless it says where', async () => {
    await using memory = await startMemory({
      entrypoints: { ...both, second: { address: '127.0.0.1:81' } },
      routers: {
        all: { rule: '/all', service: 'app' },
        one: { rule: '/one', service: 'app', entrypoints: ['second'] },
        raw: { rule: '*', service: 'app', entrypoints: ['raw'] },
      },
    })
    const [first, second] = [memory.web, memory.network.at('127.0.0.1:81')]

    expect((await first.send({ target: '/all' })).status).toBe(200)
    expect((await second.send({ target: '/all' })).status).toBe(200)
    expect((await first.send({ target: '/one' })).status).toBe(404)
    expect((await second.send({ target: '/one' })).status).toBe(200)
    const exchange = memory.network.at('127.0.0.1:90').openStream()
    expect(await exchange.refusal).toBeUndefined()
    expect(exchange.ctx.route).toMatchObject({ kind: 'stream', router: 'raw', service: 'app' })
    exchange.finish()
  })
})

async function problemsOf(config: GatewayConfigInput): Promise<readonly ConfigProblem[]> {
  await using memory = new MemoryGateway()
  return await memory.gateway.validate(plainConfig(config))
}
