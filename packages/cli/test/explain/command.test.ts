import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder, type Ending, type Folder, runCli } from '../cli.ts'
import { manyRouters } from './many-routers.ts'

const rivals = `GET /v1/users of api.example.com, from 127.0.0.1
  at the entrypoint "web": it was asked for

✓ "api" takes it: its rule holds, and of the 2 routers whose rules do it is asked first
  rule         Host(\`api.example.com\`) && PathPrefix(\`/v1\`)
  priority     44, the length of its rule
  middlewares  limit (rate-limit) → again (retry) → strip (strip-prefix)
  service      app, 2 servers

The others, in the order in which they are asked:
  ✗ writes   100  Method(\`POST\`, \`PUT\`) does not hold
  ✗ tenant    90  Header(\`x-tenant\`, \`a\`) does not hold
  ✗ private   17  it does not listen at the entrypoint "web"
  ✗ near      15  ClientIP(\`10.0.0.0/8\`) does not hold
  · all       15  its rule holds too, but "api" is asked before it (priority 15 against 44)
`

const order = `What a request of the router "api" passes, to the service "app"

# PHASE STEP PLUGIN WHY
1 route rules of the routers @gatewright/kernel stage normal (0)
2 onRequest middleware limit (rate-limit) @gatewright/plugin-rate-limit number 1 in the list of the router [routers.api.middlewares[0]]
`

describe('explain', { timeout: 60_000 }, () => {
  it('says who takes a request, and why the others do not', async () => {
    await using folder = await createFolder({ 'gateway.hcl': manyRouters })

    const told = await explain(folder, 'http://api.example.com/v1/users', '--entrypoint', 'web')

    expect(told).toEqual({ code: 0, signal: null, stdout: rivals, stderr: '' })
  })

  it('prints JSON, and ends with 4 if nobody takes it', async () => {
    await using folder = await createFolder({ 'gateway.hcl': manyRouters })
    const question = ['http://example.com/x', '--entrypoint', 'internal', '--from', '192.0.2.9']

    const text = await explain(folder, ...question)
    const json = await explain(folder, ...question, '--json')

    expect(text).toMatchObject({ code: 4, stderr: '' })
    expect(text.stdout).toContain('no router takes it; the client gets 404 (GW_NO_ROUTE)')
    expect(json).toMatchObject({ code: 4, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({
      request: { method: 'GET', target: '/x', host: 'example.com', remote_address: '192.0.2.9' },
      outcome: 'no-route',
      chosen: null,
      error: { code: 'GW_NO_ROUTE', status: 404 },
      others: expect.arrayContaining([
        expect.objectContaining({ router: 'private', because: 'PathPrefix(`/v1`) does not hold' }),
      ]),
    })
  })

  it('takes method and headers as curl does', async () => {
    await using folder = await createFolder({ 'gateway.hcl': manyRouters })
    const ask = ['/v1', '--entrypoint', 'web', '-H', 'host: api.example.com']

    const [post, tenant] = await Promise.all([
      explain(folder, ...ask, '-X', 'POST'),
      explain(folder, ...ask, '-H', 'x-tenant: a'),
    ])

    expect(post.stdout).toContain('✓ "writes" takes it')
    expect(tenant.stdout).toContain('✓ "tenant" takes it')
  })

  it.each([
    [['http://example.com/', '--entrypoint', 'wep'], 'did you mean "web"?'],
    [['http://example.com/'], 'hint: name it: --entrypoint for the command'],
    [['/', '-H', 'x'], 'expected "name: value", found "x"'],
    [['/', '--router', 'api'], "option '--router' goes with 'explain order' only"],
    [['order', '--router', 'apj'], 'did you mean "api"?'],
  ])('ends with 2 if the question makes no sense: %j', async (question, complaint) => {
    await using folder = await createFolder({ 'gateway.hcl': manyRouters })

    const { code, stdout, stderr } = await explain(folder, ...question)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(complaint)
  })

  it('ends with 1 if there is no answer', async () => {
    const wrong = manyRouters.replace('service     = "dns"', 'service     = "dsn"')
    await using folder = await createFolder({ 'gateway.hcl': wrong })

    const file = await explain(folder, '/')
    const running = await explain(folder, '/', '--running')

    expect(file).toMatchObject({ code: 1, stderr: expect.stringContaining('"dsn"') })
    expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining('hint: start one') })
  })

  it('says what the requests of a router pass, step by step', async () => {
    await using folder = await createFolder({ 'gateway.hcl': manyRouters })

    const text = await explain(folder, 'order', '--router', 'api')
    const json = await explain(folder, 'order', 'onRequest', '--router', 'api', '--json')

    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout.replaceAll(/ +/g, ' ')).toContain(order)
    expect(JSON.parse(json.stdout)).toMatchObject({
      router: 'api',
      steps: [
        { position: 2, name: 'limit' },
        { position: 4, name: 'strip' },
      ],
    })
  })

  it('says who taps the hooks', async () => {
    await using folder = await createFolder({ 'gateway.hcl': `${manyRouters}\nmetrics {}\n` })

    const all = await explain(folder, 'order')
    const one = await explain(folder, 'order', 'finish')

    expect(all.stdout).toContain('hook "route"\n')
    expect(one.stdout).toMatch(/^hook "finish"\n# .*\n1 {2}finish.*plugin-metrics.*stage normal/)
  })
})

describe('explain --running', { timeout: 60_000 }, () => {
  it.each([1, 2])('asks what runs and not the file, with %i workers', async (workers) => {
    const text = configuration(workers, '/api')
    await using folder = await createFolder({ 'gateway.hcl': text })
    await using cli = new Cli([], { cwd: folder.path, env: runtime(folder) })
    await cli.url()
    await folder.write('gateway.hcl', configuration(workers, '/v2'))

    const [running, file, wrong, passed] = await Promise.all([
      explain(folder, '/api', '--running'),
      explain(folder, '/api'),
      explain(folder, '/api', '--pid', String(cli.pid), '--entrypoint', 'wep'),
      explain(folder, 'order', '--router', 'app', '--running', '--json'),
    ])

    expect(running).toMatchObject({ code: 0, stderr: '' })
    expect(running.stdout).toContain('service      app, 1 server, 1 of them available')
    expect(file).toMatchObject({ code: 4 })
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('mean "web"') })
    expect(JSON.parse(passed.stdout)).toMatchObject({ router: 'app', service: 'app' })
  })
})

function configuration(workers: number, prefix: string): string {
  return `workers = ${workers}
entrypoints "web" {
  address = "127.0.0.1:0"
}
routers "app" {
  rule    = "PathPrefix(\`${prefix}\`)"
  service = "app"
}
services "app" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:1" }]
  }
}
`
}

function explain(folder: Folder, ...args: readonly string[]): Promise<Ending> {
  return runCli(['explain', ...args], { cwd: folder.path, env: runtime(folder) })
}

function runtime({ path }: Folder): NodeJS.ProcessEnv {
  return { GATEWRIGHT_RUNTIME_DIR: join(path, 'run') }
}
