import { startGateway } from '@gatewright/testing'
import { expect, it } from 'vitest'

it.each([
  ['a longer rule for everything', 'PathPrefix(`/`)', ['Path(`/talk`)'], ['r0']],
  ['the same rule with a lower name', 'PathPrefix(`/`)', ['PathPrefix(`/`)'], ['r0']],
  ['a rule for everything that is asked last', 'Path(`/`)', ['PathPrefix(`/api`)'], []],
  ['a rule for one host', 'Host(`a.example`)', ['Path(`/x`)'], []],
])('routers that are never asked are told of: %s', async (_, first, others, unasked) => {
  const routers = others.map((rule, i) => [`r${i}`, { rule, service: 'app', entrypoints: ['web'] }])
  await using gateway = await startGateway({
    entrypoints: { web: { address: '127.0.0.1:0' }, other: { address: '127.0.0.1:0' } },
    routers: {
      all: { rule: first, service: 'app' },
      elsewhere: { rule: 'Path(`/e`) || Path(`/f`)', service: 'app' },
      ...Object.fromEntries(routers),
    },
    services: { app: { load_balancer: { servers: [{ url: 'http://127.0.0.1:9' }] } } },
  })

  const told = gateway.logs.find({ msg: 'router is never asked: another one takes everything' })

  expect(told.map(({ router, by }) => ({ router, by }))).toEqual(
    unasked.map((router) => ({ router, by: 'all' })),
  )
})
