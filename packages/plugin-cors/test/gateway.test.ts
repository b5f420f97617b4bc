import { defineErrors, definePlugin } from '@gatewright/kernel'
import { startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

const errors = defineErrors({
  GW_TEST_UNAUTHORIZED: { status: 401, source: 'client', message: () => 'who are you?' },
})

/** Stands for a middleware that asks for credentials, and has the type of one. */
const auth = definePlugin({
  name: 'auth',
  setup({ middlewares }) {
    middlewares.register({
      type: 'jwt',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      create: () => ({
        onRequest: () => {
          throw errors.GW_TEST_UNAUTHORIZED()
        },
      }),
    })
  },
})

describe('cors in a gateway', () => {
  it('answers a preflight that brings no credentials, and marks what later middlewares answer', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, ['cors', 'auth']), {
      plugins: [auth],
    })

    const asked = await gateway.request('/', {
      method: 'OPTIONS',
      headers: { Origin: 'https://a.example', 'Access-Control-Request-Method': 'PUT' },
    })
    const actual = await gateway.request('/', { headers: { Origin: 'https://a.example' } })

    expect(asked.status).toBe(204)
    expect(actual.status).toBe(401)
    expect(actual.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      vary: 'Origin',
    })
    expect(upstream.requests).toHaveLength(0)
  })

  it('warns where credentials are asked for first', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, ['auth', 'cors']), {
      plugins: [auth],
    })

    const msg = 'preflights are refused by "auth" before they reach the middleware "cors"'
    expect(gateway.logs.find({ router: 'api' })).toMatchObject([{ middleware: 'cors', msg }])
  })

  it('says nothing where credentials are asked for on trial only', async () => {
    await using upstream = await startUpstream()
    const config = configOf(upstream.url, ['auth', 'cors']).replace(
      '"jwt"',
      '"jwt"\ndry_run = true',
    )
    await using gateway = await startGateway(config, { plugins: [auth] })

    expect(gateway.logs.find({ router: 'api' })).toEqual([])
  })

  it('says nothing about the right order', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url, ['cors', 'auth']), {
      plugins: [auth],
    })

    expect(gateway.logs.find({ router: 'api' })).toEqual([])
  })
})

function configOf(url: string, middlewares: readonly string[]): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "api" {
      rule        = "PathPrefix(\`/\`)"
      service     = "api"
      middlewares = ${JSON.stringify(middlewares)}
    }
    middlewares "cors" {
      type            = "cors"
      allowed_origins = ["https://a.example"]
    }
    middlewares "auth" {
      type = "jwt"
    }
    services "api" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}
