import { describe, expect, it } from 'vitest'
import { createFolder, type Ending, runCli } from './cli.ts'

describe('config', () => {
  it('summarises for people and for programs, each list sorted by name', async () => {
    const text = await show('summary')
    const json = await show('summary', '--json')

    expect(text.stdout).toContain('    - web → 127.0.0.1:8080 (http)\n')
    expect(json).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(json.stdout)).toEqual({
      entrypoints: [
        { name: 'admin', address: '127.0.0.1:8081', protocol: 'http' },
        { name: 'web', address: '127.0.0.1:8080', protocol: 'http' },
      ],
      routes: [
        {
          name: 'api',
          rule: 'PathPrefix(`/api`)',
          service: 'api',
          middlewares: ['key'],
          entrypoints: ['web'],
          priority: 18,
        },
      ],
      services: [
        {
          name: 'api',
          strategy: 'weighted',
          servers: [
            { url: 'http://127.0.0.1:8001', weight: 3 },
            { url: '[redacted]', weight: 1 },
          ],
        },
      ],
      middlewares: [{ name: 'key', type: 'sign' }],
      plugins: [
        { name: '@gatewright/plugin-grpc' },
        { name: '@gatewright/plugin-http' },
        { name: '@gatewright/plugin-load-balancer' },
        { name: '@gatewright/plugin-router' },
        { name: '@gatewright/plugin-websocket' },
        { name: 'sign' },
      ],
    })
  })

  it.each([
    { view: 'entrypoints', line: 'web    127.0.0.1:8080  http' },
    { view: 'routes', line: 'api   PathPrefix(`/api`)  api      key          web          18' },
    { view: 'services', line: 'api   weighted  http://127.0.0.1:8001 (weight 3), [redacted]' },
    { view: 'middlewares', line: 'key   sign' },
    { view: 'plugins', line: 'sign' },
  ])('lists $view as a table', async ({ view, line }) => {
    const { stdout } = await show(view)

    const [heading, ...lines] = stdout.split('\n')
    expect(heading).toMatch(/^NAME/)
    expect(lines).toContain(line)
  })

  it('lists priorities as they are written where 0 is a priority like others', async () => {
    await using folder = await createFolder({
      'gateway.hcl': `
        priority_order = "ascending"
        entrypoints "web" { address = "127.0.0.1:0" }
        services "app" {
          load_balancer {
            servers = [{ url = "http://127.0.0.1:1" }]
          }
        }
        routers "first" {
          rule    = "PathPrefix(\`/\`)"
          service = "app"
        }
        routers "second" {
          rule     = "PathPrefix(\`/\`)"
          service  = "app"
          priority = 7
        }
      `,
    })

    const { stdout } = await runCli(['config', 'routes', '--json'], { cwd: folder.path })

    expect(JSON.parse(stdout)).toMatchObject([{ priority: 0 }, { priority: 7 }])
  })

  it('lists them as JSON', async () => {
    const { stdout } = await show('middlewares', '--json')

    expect(JSON.parse(stdout)).toEqual([{ name: 'key', type: 'sign' }])
  })

  it('shows everything with its defaults, and no secret', async () => {
    const { code, stdout } = await show('json')

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      entrypoints: { web: { http: { max_headers: 100 } } },
      middlewares: {
        key: {
          type: 'sign',
          secret: '[redacted]',
          keys: [{ id: 'first', value: '[redacted]' }],
          headers: { 'x-a': '[redacted]', 'x-b': 'plain' },
          limit: '[redacted]',
        },
      },
      plugins: { sign: { source: './sign.js', config: [{ password: '[redacted]' }] } },
      shutdown_timeout_secs: 30,
    })
    expect(stdout).not.toMatch(/in-file|from-environment|upstream\.internal|4242/)
  })

  it('shows where URLs lead, and none of their secrets', async () => {
    await using folder = await createFolder({ 'gateway.hcl': urls })

    const { stdout } = await runCli(['config', 'json'], {
      cwd: folder.path,
      env: { REDIS_URL: 'redis://secret.internal' },
    })

    expect(JSON.parse(stdout)).toMatchObject({
      middlewares: {
        login: { forward_auth_url: 'http://127.0.0.1:9091/verify?[redacted]' },
        own: { redis_url: 'redis://[redacted]@127.0.0.1:6379/0' },
        shared: { redis_url: '[redacted]' },
        tokens: { jwks_url: 'https://[redacted]@login.example.com/keys' },
      },
    })
    expect(stdout).not.toMatch(/hunter2|internal/)
  })

  it('refuses a configuration with problems', async () => {
    await using folder = await createFolder({ 'gateway.hcl': 'routes "a" {\n}\n' })

    const { code, stdout, stderr } = await runCli(['config', 'json'], { cwd: folder.path })

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('gateway.hcl:1:1: error GW_CONFIG_UNKNOWN_KEY routes')
  })
})

async function show(view: string, ...flags: string[]): Promise<Ending> {
  await using folder = await createFolder({ 'gateway.hcl': configuration, 'sign.js': plugin })
  const env = {
    SIGN_SERVER: 'http://upstream.internal:8002',
    SIGN_HEADER: 'from-environment',
    SIGN_LIMIT: '4242',
  }
  return await runCli(['config', view, ...flags], { cwd: folder.path, env })
}

const configuration = `
plugins "sign" {
  source = "./sign.js"
  config {
    password = "in-file"
  }
}
entrypoints "web" {
  address = "127.0.0.1:8080"
}
entrypoints "admin" {
  address = "127.0.0.1:8081"
}
routers "api" {
  rule        = "PathPrefix(\`/api\`)"
  service     = "api"
  entrypoints = ["web"]
  middlewares = ["key"]
}
middlewares "key" {
  type   = "sign"
  secret = "in-file"
  limit  = env("SIGN_LIMIT")
  keys {
    id    = "first"
    value = "in-file"
  }
  headers = {
    "x-a" = "\${SIGN_HEADER}"
    "x-b" = "plain"
  }
}
services "api" {
  load_balancer {
    strategy = "weighted"
    servers  = [
      { url = "http://127.0.0.1:8001", weight = 3 },
      { url = env("SIGN_SERVER") },
    ]
  }
}
`

const plugin = `
const text = { type: 'string', description: 'Text.' }
const secret = { ...text, 'x-gatewright-secret': true }
const options = (properties) => ({ type: 'object', additionalProperties: false, properties })
export default {
  name: 'sign',
  schema: options({ password: secret }),
  setup(gateway) {
    gateway.middlewares.register({
      type: 'sign',
      schema: options({
        secret,
        limit: { type: 'integer', description: 'Number.' },
        keys: {
          type: 'array',
          description: 'Keys.',
          items: options({ id: text, value: secret }),
        },
        headers: { type: 'object', description: 'Fields.', additionalProperties: { type: 'string' } },
      }),
      create: () => ({}),
    })
  },
}
`

const urls = `
middlewares "login" {
  type             = "forward-auth"
  forward_auth_url = "http://127.0.0.1:9091/verify?token=hunter2"
}
middlewares "own" {
  type      = "rate-limit-redis"
  redis_url = "redis://user:hunter2@127.0.0.1:6379/0"
  rate      = 5
}
middlewares "shared" {
  type      = "rate-limit-redis"
  redis_url = env("REDIS_URL")
  rate      = 5
}
middlewares "tokens" {
  type     = "jwt"
  jwks_url = "https://user:hunter2@login.example.com/keys"
}
`
