import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ConfigProblem, GatewayConfigInput, ListedPlugin } from '@gatewright/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLoader, loadAll } from '../src/index.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-loader-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('first-party plugins', () => {
  it.each([
    ['protocol', 'http', '@gatewright/plugin-http'],
    ['transport', 'http', '@gatewright/plugin-http'],
    ['transport', 'https', '@gatewright/plugin-http'],
    ['transport', 'h2c', '@gatewright/plugin-http'],
    ['transport', 'grpc', '@gatewright/plugin-grpc'],
    ['protocol', 'tcp', '@gatewright/plugin-tcp'],
    ['transport', 'tcp', '@gatewright/plugin-tcp'],
    ['transport', 'tls', '@gatewright/plugin-tcp'],
    ['protocol', 'udp', '@gatewright/plugin-udp'],
    ['transport', 'udp', '@gatewright/plugin-udp'],
    ['routing', 'rules', '@gatewright/plugin-router'],
    ['balancer', 'weighted', '@gatewright/plugin-load-balancer'],
    ['middleware', 'strip-prefix', '@gatewright/plugin-strip-prefix'],
    ['middleware', 'add-prefix', '@gatewright/plugin-add-prefix'],
    ['middleware', 'redirect', '@gatewright/plugin-redirect'],
    ['middleware', 'replace-path', '@gatewright/plugin-replace-path'],
    ['middleware', 'body-limit', '@gatewright/plugin-body-limit'],
    ['middleware', 'cors', '@gatewright/plugin-cors'],
    ['middleware', 'grpc-web', '@gatewright/plugin-grpc'],
    ['middleware', 'headers', '@gatewright/plugin-headers'],
    ['middleware', 'retry', '@gatewright/plugin-retry'],
    ['service feature', 'failover', '@gatewright/plugin-failover'],
    ['service feature', 'health_check', '@gatewright/plugin-health-check'],
    ['service feature', 'passive_health', '@gatewright/plugin-health-check'],
    ['service feature', 'scaling', '@gatewright/plugin-scaling'],
    ['service feature', 'slow_start', '@gatewright/plugin-load-balancer'],
    ['service feature', 'panic_threshold', '@gatewright/plugin-load-balancer'],
    ['service feature', 'streaming', '@gatewright/plugin-sse'],
    ['service feature', 'websocket', '@gatewright/plugin-websocket'],
    ['upgrade', 'websocket', '@gatewright/plugin-websocket'],
    ['service feature', 'sticky', '@gatewright/plugin-sticky'],
    ['middleware', 'rate-limit', '@gatewright/plugin-rate-limit'],
    ['middleware', 'rate-limit-redis', '@gatewright/plugin-rate-limit-redis'],
    ['service feature', 'mirror', '@gatewright/plugin-mirror'],
    ['section', 'access_log', '@gatewright/plugin-access-log'],
    ['section', 'debug', '@gatewright/plugin-debug'],
    ['section', 'management', '@gatewright/plugin-management'],
    ['section', 'observability', '@gatewright/plugin-observability'],
    ['section', 'metrics', '@gatewright/plugin-metrics'],
    ['section', 'tracing', '@gatewright/plugin-tracing'],
    ['entrypoint feature', 'tcp-filter', '@gatewright/plugin-tcp-filter'],
    ['entrypoint feature', 'max_connections', '@gatewright/plugin-tcp-filter'],
    ['entrypoint feature', 'tcp_allowed_ips', '@gatewright/plugin-tcp-filter'],
    ['middleware', 'ip-allow', '@gatewright/plugin-ip-allow'],
    ['middleware', 'circuit-breaker', '@gatewright/plugin-circuit-breaker'],
    ['middleware', 'compress', '@gatewright/plugin-compress'],
  ] as const)('are found as %s "%s"', async (kind, type, name) => {
    const found = await createLoader({ baseDir: folder }).find(kind, type)

    expect(found?.name).toBe(name)
  })

  it('are not found by what every object has', async () => {
    const loader = createLoader({ baseDir: folder })

    expect(await loader.find('middleware', 'constructor')).toBeUndefined()
    expect(await loader.find('provider', 'constructor')).toBeUndefined()
  })

  it('can be had all at once, each once', async () => {
    const names = (await loadAll()).map(({ name }) => name)

    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('@gatewright/plugin-http')
  })

  it('have the types that the loader says they have', async () => {
    const loader = createLoader({ baseDir: folder })

    for (const kind of ['protocol', 'balancer', 'middleware', 'provider', 'routing'] as const) {
      for (const type of loader.types(kind))
        expect(await registered(loader, kind, type)).toContain(type)
    }
  })
})

describe('listed plugins', () => {
  it.each(['hello.js', 'hello.mjs', 'hello.ts'])('are loaded from %s', async (name) => {
    write(name, plugin('hello'))

    const { listed, problems } = await load({ hello: { source: `./${name}` } })

    expect(problems).toEqual([])
    expect(listed[0]?.plugin.name).toBe('hello')
  })

  it('get their options and say where these stand', async () => {
    write('hello.js', plugin('hello'))

    const { listed } = await load({ hello: { source: './hello.js', config: { a: 1 } } })

    expect(listed[0]).toMatchObject({ options: { a: 1 }, path: ['plugins', 'hello', 'config'] })
  })

  it.each([
    ['a short name', 'maze', 'gatewright-plugin-maze'],
    ['a package name', 'gatewright-plugin-maze', 'gatewright-plugin-maze'],
    ['a scoped name', '@acme/gatewright-plugin-maze', '@acme/gatewright-plugin-maze'],
  ])('are found by %s', async (_how, source, name) => {
    writePackage(name, { exports: { '.': { default: './index.js' } } })

    const { listed, problems } = await load({ maze: { source } })

    expect(problems).toEqual([])
    expect(listed[0]?.plugin.name).toBe(name)
  })

  it('are found by their label', async () => {
    writePackage('gatewright-plugin-maze', { main: 'index.js' })

    const { listed } = await load({ maze: {} })

    expect(listed[0]?.plugin.name).toBe('gatewright-plugin-maze')
  })

  it('may export for import only', async () => {
    writePackage('gatewright-plugin-maze', { exports: { import: './index.js' } })

    const { listed, problems } = await load({ maze: {} })

    expect(problems).toEqual([])
    expect(listed[0]?.plugin.name).toBe('gatewright-plugin-maze')
  })

  it('are found in the project if not beside the configuration', async () => {
    writePackage('gatewright-plugin-maze', { main: 'index.js' })
    mkdirSync(join(folder, 'sites'))
    const config = { plugins: { maze: {} } }

    const loader = createLoader({ baseDir: tmpdir(), projectDir: join(folder, 'sites') })

    expect(await loader.listed(config, fail)).toHaveLength(1)
  })

  it('must have the version that is asked for', async () => {
    writePackage('gatewright-plugin-maze', { main: 'index.js' })

    const { problems } = await load({ maze: { version: '^2' } })

    expect(problems).toMatchObject([
      {
        code: 'GW_PLUGIN_VERSION',
        path: ['plugins', 'maze'],
        message: expect.stringContaining('1.2.0'),
      },
    ])
  })

  it('that are nowhere are reported with every place that was tried', async () => {
    const { problems } = await load({ maze: {}, local: { source: './nothing.js' } })

    expect(problems.map(({ code }) => code)).toEqual(['GW_PLUGIN_NOT_FOUND', 'GW_PLUGIN_NOT_FOUND'])
    expect(problems[0]?.message).toContain('gatewright-plugin-maze')
    expect(problems[0]?.message).toContain(folder)
  })

  it('that throw while they are loaded are reported', async () => {
    write('broken.js', 'throw new Error("no luck today")')

    const { problems } = await load({ broken: { source: './broken.js' } })

    expect(problems).toMatchObject([{ code: 'GW_PLUGIN_IMPORT_FAILED' }])
    expect(problems[0]?.message).toContain('no luck today')
  })

  it('without a default export are reported with what they export', async () => {
    write('named.js', 'export const hello = 1')

    const { problems } = await load({ named: { source: './named.js' } })

    expect(problems).toMatchObject([{ code: 'GW_PLUGIN_NO_DEFAULT_EXPORT' }])
    expect(problems[0]?.message).toContain('hello')
  })

  it('with an unknown key are reported with the nearest one', async () => {
    const { problems } = await load({ maze: { sourc: './x.js' }, other: { greeting: 1 } })

    expect(problems).toMatchObject([
      { code: 'GW_CONFIG_UNKNOWN_KEY', suggestion: 'source' },
      { code: 'GW_CONFIG_UNKNOWN_KEY', message: expect.stringContaining('"config"') },
    ])
  })
})

async function load(
  plugins: Record<string, unknown>,
): Promise<{ listed: ListedPlugin[]; problems: ConfigProblem[] }> {
  const problems: ConfigProblem[] = []
  const config: GatewayConfigInput = { plugins }
  const loader = createLoader({ baseDir: folder })
  const found = await loader.listed(config, (problem) => problems.push(problem))
  const listed = found.filter((entry) => 'plugin' in entry)
  return { listed, problems }
}

/** The types that a plugin registers. */
async function registered(
  loader: ReturnType<typeof createLoader>,
  kind: 'protocol' | 'balancer' | 'middleware' | 'provider' | 'routing',
  type: string,
): Promise<string[]> {
  const types: string[] = []
  const register = (factory: { type: string }): void => void types.push(factory.type)
  // A registry, a hook and whatever else a plugin asks for.
  const anything: object = new Proxy(() => anything, {
    get: (_, key) => (key === 'register' ? register : anything),
    apply: () => anything,
  })
  const found = await loader.find(kind, type)
  // Plugins only register here; what they register into is all alike.
  await found?.setup(anything as never, undefined)
  return types
}

function plugin(name: string): string {
  return `export default { name: ${JSON.stringify(name)}, setup() {} }`
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

function writePackage(name: string, manifest: Record<string, unknown>): void {
  const root = join('node_modules', name)
  const fields = { name, version: '1.2.0', type: 'module', ...manifest }
  write(join(root, 'package.json'), JSON.stringify(fields))
  write(join(root, 'index.js'), plugin(name))
}

function fail(problem: ConfigProblem): never {
  throw new Error(problem.message)
}
