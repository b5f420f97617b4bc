import {
  definePlugin,
  Gateway,
  type GatewayConfigInput,
  GatewayResponse,
  type Ingress,
  type Plugin,
} from '@gatewright/kernel'
import { recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import router from '../src/index.ts'
import { exchangeOf, type TestRequest } from './test-routing.ts'

const routers = {
  api: { rule: 'Host(`api.com`) && PathPrefix(`/v1`)', service: 'app', entrypoints: ['web'] },
  admin: { rule: 'Host(`api.com`)', service: 'app', entrypoints: ['internal'] },
}

describe('a gateway with the router', () => {
  it('sends each request to the router that takes it', async () => {
    await using running = await start({ routers })

    const response = await running.send({ host: 'api.com:8080', target: '/v1/x?y' })

    expect(response).toMatchObject({ status: 200, body: 'api /v1/x?y' })
  })

  it('answers 404 where no router takes the request, with a body for old and new clients', async () => {
    await using running = await start({ routers })

    const nowhere = await running.send({ host: 'other.com', target: '/v1' })
    const elsewhere = await running.send({ host: 'api.com', target: '/x', entrypoint: 'web' })

    expect(nowhere.status).toBe(404)
    expect(elsewhere.status).toBe(404)
    expect(JSON.parse(nowhere.body)).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'GW_NO_ROUTE',
      error: 'No route matched',
      detail: 'no route matches "/v1"',
    })
  })

  it('answers 404 without any routers', async () => {
    await using running = await start({})

    expect((await running.send({})).status).toBe(404)
  })

  it('answers 400 to an unsafe path and does not forward it', async () => {
    await using running = await start({ routers })

    const response = await running.send({ host: 'api.com', target: '/v1/../admin' })

    expect(response.status).toBe(400)
    expect(JSON.parse(response.body)).toMatchObject({
      code: 'GW_ROUTER_UNSAFE_PATH',
      error: 'Unsafe path',
    })
  })

  it('takes its options from the top level', async () => {
    const both = {
      first: { rule: 'PathPrefix(`/`)', service: 'app', priority: -1 },
      second: { rule: 'PathPrefix(`/x`)', service: 'app' },
    }
    await using running = await start({
      routers: both,
      priority_order: 'ascending',
      path_normalization: 'normalize',
    })

    const response = await running.send({ target: '/y/../x?q' })

    expect(response.body).toBe('first /x?q')
  })

  it('reports rules and options that it does not understand', async () => {
    await using gateway = new Gateway({
      log: recordLogs().log,
      plugins: [router, memory(() => undefined)],
    })

    const problems = await gateway.validate({
      ...common,
      routers: { web: { rule: 'host(`a`)', service: 'app' } },
    })
    const others = await gateway.validate({ ...common, priority_order: 'up' })

    expect(problems).toMatchObject([
      { path: ['routers', 'web', 'rule'], code: 'GW_RULE_UNKNOWN_MATCHER', suggestion: 'Host' },
    ])
    expect(others).toMatchObject([{ path: ['priority_order'] }])
  })
})

const common = {
  entrypoints: {
    web: { address: '127.0.0.1:0', protocol: 'memory' },
    internal: { address: '127.0.0.1:0', protocol: 'memory' },
  },
  services: { app: { load_balancer: { strategy: 'only', servers: [{ url: 'memory://app' }] } } },
}

interface Running extends AsyncDisposable {
  readonly send: (
    request: TestRequest,
  ) => Promise<{ readonly status: number; readonly body: string }>
}

async function start(config: GatewayConfigInput): Promise<Running> {
  const ingresses: Ingress[] = []
  const plugins = [router, memory((ingress) => ingresses.push(ingress))]
  const gateway = new Gateway({ log: recordLogs().log, plugins })
  await gateway.start({ ...common, ...config })
  const [ingress] = ingresses
  if (ingress === undefined) throw new Error('no entrypoint was made')
  return {
    async send(request) {
      const { connection, request: head } = exchangeOf(request)
      const ctx = ingress.openRequest(connection, head)
      const response = await ingress.handle(ctx)
      const body = bodyOf(response)
      ingress.close(ctx)
      return { status: response.status, body }
    },
    [Symbol.asyncDispose]: () => gateway.shutdown(),
  }
}

function bodyOf({ body }: GatewayResponse): string {
  return typeof body === 'string' ? body : ''
}

/** A gateway's surroundings without sockets: its service answers with router and target. */
function memory(onCreate: (ingress: Ingress) => void): Plugin<undefined> {
  const schema = { type: 'object', additionalProperties: false, properties: {} } as const
  return definePlugin({
    name: 'memory',
    setup({ protocols, balancers, transports }) {
      protocols.register({
        type: 'memory',
        kind: 'http',
        network: 'tcp',
        schema,
        create(_address, _options, ingress) {
          onCreate(ingress)
          return {
            listen: async () => ({ address: 'memory', port: 0 }),
            configure: () => undefined,
            release: async () => undefined,
            drain: async () => undefined,
          }
        },
      })
      balancers.register({
        type: 'only',
        schema,
        create: () => ({ pick: ({ available }) => available[0] }),
      })
      transports.register({
        type: 'memory',
        schemes: ['memory'],
        schema,
        create: () => ({
          send: ({ route, request }) =>
            new GatewayResponse({ status: 200, body: `${route?.router} ${request.target}` }),
        }),
      })
    },
  })
}
