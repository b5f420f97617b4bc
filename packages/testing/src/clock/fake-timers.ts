import { AsyncLocalStorage } from 'node:async_hooks'

/** A timer that goes off when a test says that its time has come. */
export class FakeTimer implements Disposable {
  /** In milliseconds of the fake clock. */
  due: number
  /** Undefined for a timer that goes off once. */
  readonly everyMs: number | undefined
  /** Whose it is, if that is to be told. */
  readonly origin: string | undefined
  readonly #timers: FakeTimers
  readonly #delayMs: number
  readonly #fire: () => void
  #isRef = true

  /** @internal */
  constructor(timers: FakeTimers, delayMs: number, repeats: boolean, fire: () => void) {
    this.#timers = timers
    this.#delayMs = delayMs
    this.everyMs = repeats ? delayMs : undefined
    this.origin = timers.originOf()
    this.due = timers.nowMs + delayMs
    // What it does belongs to whoever started it.
    const inContext = AsyncLocalStorage.snapshot()
    this.#fire = () => inContext(fire)
  }

  fire(): void {
    this.#fire()
  }

  ref(): this {
    this.#isRef = true
    return this
  }

  unref(): this {
    this.#isRef = false
    return this
  }

  hasRef(): boolean {
    return this.#isRef
  }

  refresh(): this {
    this.due = this.#timers.nowMs + this.#delayMs
    this.#timers.add(this)
    return this
  }

  close(): this {
    this.#timers.remove(this)
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** All timers of a fake clock. */
export class FakeTimers {
  nowMs = 0
  /** Tells whose the timer is that is being started. */
  originOf: () => string | undefined = () => undefined
  readonly #timers = new Set<FakeTimer>()

  start(fire: () => void, delay: unknown, repeats: boolean): FakeTimer {
    const wanted = Number(delay)
    // As Node does with what is no delay.
    const delayMs = wanted >= 1 && wanted <= 2 ** 31 - 1 ? wanted : 1
    const timer = new FakeTimer(this, delayMs, repeats, fire)
    this.add(timer)
    return timer
  }

  add(timer: FakeTimer): void {
    this.#timers.add(timer)
  }

  remove(timer: FakeTimer): void {
    this.#timers.delete(timer)
  }

  /** Those that nobody stopped, of which it is known whose they are. */
  left(): string[] {
    return [...this.#timers].flatMap(({ origin }) => origin ?? [])
  }

  /** The first timer that is due by then; of several at one time, the one started first. */
  next(untilMs: number): FakeTimer | undefined {
    let first: FakeTimer | undefined
    for (const timer of this.#timers) {
      if (timer.due <= untilMs && (first === undefined || timer.due < first.due)) first = timer
    }
    return first
  }

  /** The time of a timer has come. */
  goOff(timer: FakeTimer): void {
    this.nowMs = Math.max(this.nowMs, timer.due)
    if (timer.everyMs === undefined) this.remove(timer)
    else timer.due = this.nowMs + timer.everyMs
    timer.fire()
  }
}
