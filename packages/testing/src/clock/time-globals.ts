/**
 * Puts fake time in the place of what Node has, for the whole process.
 *
 * @module
 */
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { promisify } from 'node:util'
import { FakeTimer, type FakeTimers } from './fake-timers.ts'

/** Puts back what was there. */
export type Installed = () => void

/** What time it is. */
export interface FakeTime {
  readonly date: () => number
  readonly monotonic: () => number
}

type Callback = (...args: unknown[]) => void
type Members = Readonly<Record<string, unknown>>

/** Takes effect for those who have imported `node:timers` before, too. */
export function installTime(timers: FakeTimers, time: FakeTime): Installed {
  const require = createRequire(import.meta.url)
  const functions = timerFunctions(timers)
  const promises = promiseFunctions(timers)
  const restore = [
    replace(globalThis, { ...functions, Date: dateOf(time.date) }),
    replace(performance, { now: time.monotonic }),
    replace(AbortSignal, { timeout: abortAfter(timers) }),
    replace(require('node:timers'), functions),
    replace(require('node:timers/promises'), promises),
    replace(require('node:timers/promises').scheduler, { wait: promises['setTimeout'] }),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const undo of restore.toReversed()) undo()
    syncBuiltinESMExports()
  }
}

function timerFunctions(timers: FakeTimers): Members {
  const { clearTimeout: clearReal } = globalThis
  const start =
    (repeats: boolean) =>
    (callback: Callback, delay?: number, ...args: unknown[]): FakeTimer =>
      timers.start(() => safely(() => callback(...args)), delay, repeats)
  const clear = (timer: unknown): void => {
    if (timer instanceof FakeTimer) timer.close()
    // One that was started before.
    else clearReal(timer as NodeJS.Timeout | undefined)
  }
  const once = Object.assign(start(false), {
    [promisify.custom]: (delay?: number, value?: unknown) => pause(timers, delay, value),
  })
  return { setTimeout: once, setInterval: start(true), clearTimeout: clear, clearInterval: clear }
}

interface PauseOptions {
  readonly signal?: AbortSignal
}

function promiseFunctions(timers: FakeTimers): Members {
  return {
    setTimeout: (delay?: number, value?: unknown, options?: PauseOptions) =>
      pause(timers, delay, value, options),
    async *setInterval(delay?: number, value?: unknown, options?: PauseOptions) {
      for (;;) yield await pause(timers, delay, value, options)
    },
  }
}

function pause(
  timers: FakeTimers,
  delay: number | undefined,
  value: unknown,
  { signal }: PauseOptions = {},
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const timer = timers.start(() => resolve(value), delay, false)
  const abort = (): void => {
    timer.close()
    reject(new DOMException('The operation was aborted', 'AbortError'))
  }
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  return promise.finally(() => signal?.removeEventListener('abort', abort))
}

function abortAfter(timers: FakeTimers): (delay: number) => AbortSignal {
  return (delay) => {
    const controller = new AbortController()
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    timers.start(() => controller.abort(reason), delay, false).unref()
    return controller.signal
  }
}

function dateOf(now: () => number): DateConstructor {
  return new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new Date(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
}

/** What a callback throws is an uncaught exception, as it is without a fake. */
function safely(run: () => void): void {
  try {
    run()
  } catch (error) {
    setImmediate(() => {
      throw error
    })
  }
}

function replace(target: object, members: Members): Installed {
  const before = Object.entries(members).map(([name, value]) => {
    const descriptor = Object.getOwnPropertyDescriptor(target, name)
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
    return { name, descriptor }
  })
  return () => {
    for (const { name, descriptor } of before) {
      if (descriptor === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, descriptor)
    }
  }
}
