import { text } from 'node:stream/consumers'
import { errors } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { describeTransport, transportChecks } from '../../src/conformance/index.ts'
import { failingChecks } from './failing-checks.ts'
import { plainTransport, type Spoiling } from './plain-transport.ts'

const cases = { valid: [{}], invalid: [{ any: 1 }] } as const

describeTransport(plainTransport(), cases)

/** A fault that somebody could make, the check that finds it, and how it says so. */
const bad: Record<string, [Spoiling, string, string]> = {
  'fields of one connection': [
    { fields: (ctx) => ctx.request.headers },
    'forwards method, target, fields and body',
    'fields of one connection were forwarded: x-hop, keep-alive',
  ],
  'a body that is read before the head is handed on': [
    { body: (message) => text(message) },
    'hands on a head before its body is there',
    'the head waits for the end of the body',
  ],
  'a refused connect that looks like a reset': [
    { blame: () => errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'y' }) },
    'says when nothing can have been sent',
    'the error is GW_UPSTREAM_RESET',
  ],
  'a reset that looks like a fault of the gateway': [
    { blame: (error) => error },
    'blames the upstream for a reset before the response',
    'GW_INTERNAL blames the gateway with 500',
  ],
  'a sent request that counts as unsent': [
    {
      blame: () => errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'y' }, { retryable: true }),
    },
    'blames the upstream for an end before the response',
    'says that nothing was sent',
  ],
  'a body that ends early and looks whole': [
    { body: (message) => text(message).catch(() => '') },
    'does not pass a cut-off body for a whole one',
    'the body counts as complete',
  ],
  'a connection that outlives the gateway': [
    { closes: false },
    'keeps no connection when the gateway stops',
    'the connection to the upstream stays',
  ],
}

describe('checks of transports', () => {
  // Some of them wait for what never comes; they wait together.
  it.concurrent.each(Object.entries(bad))('find %s', async (_, [spoiling, name, problem]) => {
    const failing = await failingChecks(
      transportChecks(plainTransport(spoiling), cases).filter((check) => check.name === name),
    )

    expect(failing[name]).toContain(problem)
  })
})
