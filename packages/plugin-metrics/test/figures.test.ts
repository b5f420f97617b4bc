import { definePlugin, type Figure, figures, ownFigures, type Plugin } from '@gatewright/kernel'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { metricsOf } from '../src/index.ts'
import { scrape } from './scrape.ts'

const good: Figure = {
  type: 'mine_total',
  kind: 'counter',
  help: 'What is mine',
  labels: [],
  read: () => [],
}

describe('a figure of a plugin', () => {
  it.each([
    [{ type: 'my-metric' }, /with "_" between them, such as "my_metric"/],
    [{ type: 'myMetric_total' }, /such as "my_metric_total"/],
    [{ type: 'mine' }, /call it "mine_total"/],
    [{ kind: 'gauge' }, /only the name of a counter ends in "_total"/],
    [{ type: 'requests_total' }, /metrics count "requests_total" themselves/],
    [{ type: 'request_duration_seconds_sum', kind: 'gauge' }, /themselves/],
    [{ type: 'process_mine_total' }, /those of Node/],
    [{ kind: 'histogram' }, /its kind is "histogram"; expected "counter" or "gauge"/],
    [{ labels: ['a-b'] }, /its label "a-b" is to be a name/],
    [{ labels: ['__name__'] }, /its label "__name__"/],
    [{ labels: ['le'] }, /one of histograms/],
    [{ labels: ['a', 'b', 'a'] }, /its label "a" is there twice/],
    [{ labels: 'service' }, /its labels are "service"; expected a list/],
    [{ help: '' }, /its help is to say/],
    [{ across: 'avg' }, /its "across" is "avg"; expected "sum", "max" or "min"/],
    [{ read: 1 }, /it has no function "read"/],
  ])('is refused if nobody could show it, with or without metrics: %o', async (part, problem) => {
    const starting = startGateway('', { plugins: [counting({ ...good, ...part })] })

    await expect(starting).rejects.toThrow(problem)
    await expect(starting).rejects.toMatchObject({ code: 'GW_FIGURE_INVALID' })
    await expect(starting).rejects.toThrow(/^figure "[^"]+" of plugin "counting" cannot be shown/)
  })

  it('may not have a name that metrics have, of which the kernel knows all', async () => {
    const registered: string[] = []
    const looking = definePlugin({
      name: 'looking',
      setup: (gateway) => {
        const registry = gateway.registry(figures)
        gateway.hooks.activate.tap('looking', () => void registered.push(...registry.types()))
      },
    })
    await using gateway = await startGateway('metrics {}', { plugins: [looking] })

    const families = [...((await metricsOf(gateway.gateway)?.byName())?.keys() ?? [])]

    const own = families.filter(
      (name) => !registered.includes(name) && !/^(?:process|nodejs)_/.test(name),
    )
    expect(own.toSorted()).toEqual([...ownFigures].toSorted())
  })

  it('has samples left out that are wrong, which the log tells once', async () => {
    const samples: unknown[] = [
      { labels: ['a', 'x'], value: 1 },
      { labels: ['b'], value: 2 },
      { labels: ['c', 3], value: 3 },
      { labels: ['d', 'x'], value: Number.NaN },
      { labels: ['a', 'x'], value: 5 },
      { value: 6 },
    ]
    // As plain JavaScript may have them.
    const read = (): ReturnType<Figure['read']> => samples as ReturnType<Figure['read']>
    const plugin = counting({ ...good, labels: ['one', 'other'], read })
    await using gateway = await startGateway('metrics {}', { plugins: [plugin] })

    await scrape(gateway)
    const told = Object.entries(await scrape(gateway)).filter(([name]) => name.includes('mine'))

    expect(told).toEqual([['gateway_mine_total{one="a",other="x"}', 1]])
    const about = { figure: 'mine_total', owner: 'figure "mine_total" of plugin "counting"' }
    expect(gateway.logs.find({ figure: 'mine_total' })).toMatchObject([
      {
        ...about,
        level: 'warn',
        msg: 'a figure has samples that are left out',
        problem: 'its labels are ["b"]; expected one for each of: one, other',
      },
    ])
  })

  it('costs no other numbers if it cannot be read, which the log tells once', async () => {
    await using gateway = await startGateway('metrics {}', {
      plugins: [counting({ ...good, read: notToday })],
    })

    await scrape(gateway)

    expect(await scrape(gateway)).toMatchObject({ gateway_requests_total: 0 })
    expect(gateway.logs.find({ msg: 'a figure could not be read' })).toMatchObject([
      { owner: 'figure "mine_total" of plugin "counting"' },
    ])
  })
})

/** @param figure As plain JavaScript may have it. */
function counting(figure: Readonly<Partial<Record<keyof Figure, unknown>>>): Plugin {
  return definePlugin({
    name: 'counting',
    // What is wrong with it is what the registry has to find.
    setup: (gateway) => gateway.registry(figures).register(figure as Figure),
  })
}

function notToday(): never {
  throw new Error('not today')
}
