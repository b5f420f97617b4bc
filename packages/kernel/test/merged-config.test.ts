import { describe, expect, it } from 'vitest'
import type { ConfigDocument, ConfigProblem } from '../src/config.ts'
import { type ConfigFragment, isDocument, MergedConfig } from '../src/merged-config.ts'
import { MemoryGateway, plainConfig } from './support/memory-gateway.ts'

describe('several contributions', () => {
  it('become one configuration', () => {
    const { merged, problems } = merge(
      { source: 'the configuration', input: { routers: { a: 1 }, shutdown_timeout_secs: 5 } },
      { source: 'provider "docker"', input: { routers: { b: 2 }, services: { c: 3 } } },
    )

    expect(merged.config).toEqual({
      routers: { a: 1, b: 2 },
      services: { c: 3 },
      shutdown_timeout_secs: 5,
    })
    expect(problems).toEqual([])
  })

  it('are a problem where two define one name, which names both', () => {
    const { merged, problems } = merge(
      { source: 'the configuration', input: { routers: { a: 1 }, shutdown_timeout_secs: 5 } },
      { source: 'provider "docker"', input: { routers: { a: 2 }, shutdown_timeout_secs: 6 } },
    )

    expect(merged.config).toEqual({ routers: { a: 1 }, shutdown_timeout_secs: 5 })
    expect(problems).toEqual([
      {
        path: ['routers', 'a'],
        code: 'GW_CONFIG_DUPLICATE',
        message: 'defined by the configuration and by provider "docker"',
      },
      {
        path: ['shutdown_timeout_secs'],
        code: 'GW_CONFIG_DUPLICATE',
        message: 'defined by the configuration and by provider "docker"',
      },
    ])
  })

  it('do not do away with blocks of others by something that is none', () => {
    const input: ConfigDocument = { config: { routers: 5 }, normalise: (value) => value }
    const wrong = { source: 'b', input }
    const right = { source: 'a', input: { routers: { a: 1 } } }
    const after = merge(right, wrong)
    const before = merge(wrong, right)

    expect(after.merged.config).toEqual({ routers: { a: 1 } })
    expect(after.problems).toEqual([
      { path: ['routers'], code: 'GW_CONFIG_LABEL', message: 'a "routers" block needs a label' },
    ])
    // Refused when it is read.
    expect(before.merged.config).toEqual({ routers: 5 })
  })

  it('are not changed', () => {
    const first = Object.freeze({ routers: Object.freeze({ a: 1 }) })
    const second = Object.freeze({ routers: Object.freeze({ b: 1 }) })

    merge({ source: 'a', input: first }, { source: 'b', input: second })

    expect(first).toEqual({ routers: { a: 1 } })
  })

  it('may leave out what they have nothing for', () => {
    const { merged } = merge({ source: 'a', input: { colour: undefined, shape: null } })

    expect(merged.config).toEqual({})
  })
})

describe('a document that knows its notation', () => {
  it('shapes its own blocks, as its schema wants them', async () => {
    await using memory = new MemoryGateway()
    const asked: string[] = []
    const document = wrapped(plainConfig(), asked)

    const { blueprint, problems } = await memory.gateway.understand(document)

    expect(problems).toEqual([])
    expect(blueprint.config.services['app']).toMatchObject({
      load_balancer: { servers: [{ url: 'http://app.test' }] },
    })
    expect(asked).toEqual(['entrypoints.web', 'services.app', 'routers.app'])
  })

  it('may refuse what it cannot shape, at its place', async () => {
    await using memory = new MemoryGateway()
    const document: ConfigDocument = {
      config: plainConfig(),
      normalise: (value, _schema, path, report) => {
        if (path[0] !== 'routers') return value
        report({ path, code: 'GW_CONFIG_BLOCK_REPEATED', message: 'two of them' })
        return value
      },
    }

    expect(await memory.gateway.validate(document)).toEqual([
      { path: ['routers', 'app'], code: 'GW_CONFIG_BLOCK_REPEATED', message: 'two of them' },
    ])
  })

  it('says what must not be shown', async () => {
    await using memory = new MemoryGateway()
    const services = { app: { load_balancer: { servers: [{ url: 'x', weight: 'hunter2' }] } } }
    const document: ConfigDocument = {
      config: plainConfig({ services }),
      normalise: (value) => value,
      interpolated: (path) => path.at(-1) === 'weight',
    }

    const problems = await memory.gateway.validate(document)

    expect(problems).toHaveLength(1)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })

  it('does not shape what came with it without a notation', async () => {
    const document: ConfigDocument = {
      config: { routers: { b: 1 } },
      normalise: () => 'shaped',
    }
    const { merged } = merge(
      { source: 'the configuration', input: { routers: { a: 1 } } },
      { source: 'provider "file"', input: document },
    )

    const shaped = ['a', 'b'].map((name) => merged.shape(1, {}, ['routers', name], () => undefined))

    expect(shaped).toEqual([1, 'shaped'])
  })

  it('is told from a plain configuration with a block of that name', () => {
    expect(isDocument({ normalise: { a: 1 } })).toBe(false)
    expect(isDocument({ config: {}, normalise: (value) => value })).toBe(true)
  })
})

function merge(...fragments: readonly ConfigFragment[]): {
  readonly merged: MergedConfig
  readonly problems: ConfigProblem[]
} {
  const problems: ConfigProblem[] = []
  return { merged: new MergedConfig(fragments, (problem) => problems.push(problem)), problems }
}

/** Every block in a list of one, as a notation may have it. */
function wrapped(config: Readonly<Record<string, unknown>>, asked: string[]): ConfigDocument {
  const sections = Object.entries(config).map(([section, blocks]) => [
    section,
    Object.fromEntries(Object.entries(blocks as object).map(([name, block]) => [name, [block]])),
  ])
  return {
    // Built from pairs of names and blocks.
    config: Object.fromEntries(sections) as Readonly<Record<string, unknown>>,
    normalise: (value, _schema, path) => {
      if (path.length !== 2) return value
      asked.push(path.join('.'))
      return Array.isArray(value) ? value[0] : value
    },
  }
}
