import { tryDuration } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { nextTurn, realNow } from '../real-time.ts'
import { FakeTimers } from './fake-timers.ts'
import { type Installed, installTime } from './time-globals.ts'

/** The time of a gateway under test. */
export interface TestClock {
  /** What `Date.now()` says. */
  readonly now: () => number
  /**
   * Lets so much time pass, `'10s'` or milliseconds: every timer goes off in its turn, and what it
   * sets off has happened before the next one. Throws GW_TESTING_CLOCK if the clock is real.
   */
  readonly advance: (time: string | number) => Promise<void>
}

/** Where a fake clock begins. */
export interface ClockStart {
  /** Default: the present. */
  readonly now?: Date | string | number
}

/** The clock that everybody has. */
export const realClock: TestClock = {
  now: () => Date.now(),
  advance: async () => {
    throw errors.GW_TESTING_CLOCK({
      problem: 'the clock is real; give createTestGateway `clock: "fake"` to move it',
    })
  },
}

let installed: FakeClock | undefined

/** Timers, dates and `performance.now()` of the whole process, moved by a test. */
export class FakeClock implements TestClock {
  readonly timers = new FakeTimers()
  readonly #epochMs: number
  readonly #restore: Installed
  #flows = false

  /** @internal */
  constructor(start: ClockStart) {
    const { now } = start
    this.#epochMs = now === undefined ? Date.now() : new Date(now).getTime()
    const originMs = performance.now()
    this.#restore = installTime(this.timers, {
      date: () => this.now(),
      monotonic: () => originMs + this.timers.nowMs,
    })
  }

  /** Throws GW_TESTING_CLOCK if there is one already. */
  static install(start: ClockStart): FakeClock {
    if (installed !== undefined) {
      throw errors.GW_TESTING_CLOCK({
        problem: 'another fake clock is installed; close its gateway first',
      })
    }
    installed = new FakeClock(start)
    return installed
  }

  readonly now = (): number => this.#epochMs + this.timers.nowMs

  readonly advance = async (time: string | number): Promise<void> => {
    const ms = typeof time === 'number' ? time : tryDuration(time)
    if (ms === undefined || !(ms >= 0)) {
      throw errors.GW_TESTING_CLOCK({ problem: `"${time}" is no time; expected "10s" or so` })
    }
    const untilMs = this.timers.nowMs + ms
    await settled()
    await this.#pass(untilMs)
  }

  /** From now on, time passes as it really does, until the clock is removed. */
  flow(): void {
    if (this.#flows) return
    this.#flows = true
    void this.#flow()
  }

  /** The real time is back. */
  remove(): void {
    this.#flows = false
    this.#restore()
    if (installed === this) installed = undefined
  }

  async #pass(untilMs: number): Promise<void> {
    for (;;) {
      const timer = this.timers.next(untilMs)
      if (timer === undefined) break
      this.timers.goOff(timer)
      await settled()
    }
    this.timers.nowMs = Math.max(this.timers.nowMs, untilMs)
  }

  async #flow(): Promise<void> {
    const began = realNow()
    const { nowMs } = this.timers
    while (this.#flows) {
      await nextTurn()
      await this.#pass(nowMs + realNow() - began)
    }
  }
}

/** Lets happen what was set off, and what that sets off. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn()
}
