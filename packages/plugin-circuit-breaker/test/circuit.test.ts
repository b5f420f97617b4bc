import { describe, expect, it } from 'vitest'
import { Circuit, type CircuitState, type Outcome } from '../src/circuit.ts'
import type { CircuitBreakerOptions } from '../src/options.ts'

const defaults: CircuitBreakerOptions = {
  per: 'service',
  failure_threshold: 3,
  min_requests: 4,
  window: 1000,
  cooldown_secs: 10,
  success_threshold: 1,
  half_open_max_requests: 1,
  fallback_content_type: 'text/plain',
}

describe('a circuit', () => {
  it('opens with the last of so many failures in a row', () => {
    const { circuit, send } = made()

    send('failure', 0)
    send('failure', 0)
    expect(circuit.state).toBe('closed')
    send('failure', 0)

    expect(circuit.state).toBe('open')
    expect(circuit.tryEnter(9_999)).toBeUndefined()
    expect(circuit.restMs(4_000)).toBe(6_000)
  })

  it('begins to count anew with a success, but not with what is neither', () => {
    const { circuit, send } = made()

    for (const outcome of ['failure', 'failure', 'success', 'failure', 'neither'] as const) {
      send(outcome, 0)
    }
    send('failure', 0)
    expect(circuit.state).toBe('closed')
    send('failure', 0)

    expect(circuit.state).toBe('open')
  })

  it('lets one request through on trial after the cooldown', () => {
    const { circuit, open } = made()
    open(0)

    expect(circuit.tryEnter(10_000)).toBeDefined()

    expect(circuit.state).toBe('half-open')
    expect(circuit.tryEnter(10_000)).toBeUndefined()
  })

  it('lets as many through as may be tried at once', () => {
    const { circuit, open } = made({ half_open_max_requests: 2 })
    open(0)

    const entered = [1, 2, 3].map(() => circuit.tryEnter(10_000) !== undefined)

    expect(entered).toEqual([true, true, false])
  })

  it('closes after so many trials that succeed', () => {
    const { states, circuit, open, send } = made({ success_threshold: 3 })
    open(0)

    send('success', 10_000)
    send('success', 10_000)
    expect(circuit.state).toBe('half-open')
    send('success', 10_000)

    expect(states).toEqual(['open', 'half-open', 'closed'])
  })

  it('opens again with a trial that fails, for as long as before', () => {
    const { circuit, open, send } = made()
    open(0)

    send('failure', 12_000)

    expect(circuit.state).toBe('open')
    expect(circuit.restMs(12_000)).toBe(10_000)
  })

  it('rests longer each time up to the bound, and as at first once it has closed', () => {
    const { circuit, open, send } = made({ max_cooldown_secs: 35 })
    open(0)
    const rests: number[] = []
    for (let now = 10_000; rests.length < 3; now += rests.at(-1) ?? 0) {
      send('failure', now)
      rests.push(circuit.restMs(now))
    }
    expect(rests).toEqual([20_000, 35_000, 35_000])

    send('success', 1_000_000)
    open(1_000_000)

    expect(circuit.restMs(1_000_000)).toBe(10_000)
  })

  it('gives the place of a trial back that said nothing', () => {
    const { circuit, open } = made()
    open(0)
    for (let i = 0; i < 5; i++) {
      const pass = circuit.tryEnter(10_000)
      expect(pass).toBeDefined()
      circuit.settle(pass ?? Number.NaN, 'neither', 10_000)
    }

    expect(circuit.state).toBe('half-open')
  })

  it('takes no notice of what began before the state changed', () => {
    const { circuit, open } = made()
    const before = circuit.tryEnter(0) ?? Number.NaN
    open(0)
    const late = circuit.tryEnter(10_000)

    circuit.settle(before, 'failure', 10_000)
    circuit.settle(before, 'success', 10_000)

    expect(circuit.state).toBe('half-open')
    expect(late).toBeDefined()
    expect(circuit.tryEnter(10_000)).toBeUndefined()
  })

  it('opens when too large a part of enough requests fails', () => {
    const { circuit, send } = made({ error_ratio: 0.5 })

    for (const outcome of ['failure', 'failure', 'success'] as const) send(outcome, 0)
    expect(circuit.state).toBe('closed')
    send('success', 0)
    expect(circuit.state).toBe('closed')
    send('failure', 0)

    expect(circuit.state).toBe('open')
  })

  it('opens when too large a part of enough requests is slow, failures among them', () => {
    const { circuit, send } = made({ slow_ratio: 0.5, latency_threshold_ms: 100 })

    for (const outcome of ['slow', 'success', 'success', 'success'] as const) send(outcome, 0)
    send('slow', 0)
    expect(circuit.state).toBe('closed')
    send('slow-failure', 0)

    expect(circuit.state).toBe('open')
  })

  it('opens again with a trial that is slow', () => {
    const { states, open, send } = made({ slow_ratio: 0.5, latency_threshold_ms: 100 })
    open(0)

    send('slow', 10_000)

    expect(states).toEqual(['open', 'half-open', 'open'])
  })

  it('closes when it is reset, and rests as at first afterwards', () => {
    const { circuit, open, send } = made({ max_cooldown_secs: 60 })
    open(0)
    send('failure', 10_000)
    expect(circuit.restMs(10_000)).toBe(20_000)

    circuit.reset()
    expect(circuit.state).toBe('closed')
    open(10_000)

    expect(circuit.restMs(10_000)).toBe(10_000)
    expect(circuit.transitions).toBe(5)
  })

  it('forgets the failures before a reset', () => {
    const { circuit, send } = made()
    send('failure', 0)
    send('failure', 0)

    circuit.reset()
    send('failure', 0)

    expect(circuit.state).toBe('closed')
  })

  it('forgets what is older than the window', () => {
    const { circuit, send } = made({ error_ratio: 0.5 })
    for (let i = 0; i < 3; i++) send('failure', 0)

    send('failure', 1_100)

    expect(circuit.state).toBe('closed')
  })
})

function made(options: Partial<CircuitBreakerOptions> = {}) {
  const states: CircuitState[] = []
  const circuit = new Circuit({ ...defaults, ...options }, (state) => states.push(state))
  const send = (outcome: Outcome, now: number): void => {
    circuit.settle(circuit.tryEnter(now) ?? Number.NaN, outcome, now)
  }
  const open = (now: number): void => {
    for (let i = 0; i < 3; i++) send('failure', now)
  }
  return { circuit, states, send, open }
}
