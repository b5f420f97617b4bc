/**
 * On whose behalf code runs that nobody waits for: timers, sockets and promises that a plugin starts
 * while it is set up, makes an instance or starts it carry its name. Nothing is done per exchange.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const plugins = new AsyncLocalStorage<string | undefined>()

/** Runs on behalf of a plugin; `undefined` leaves it to whoever acts already. */
export function asPlugin<T>(plugin: string | undefined, fn: () => T): T {
  return plugin === undefined ? fn() : plugins.run(plugin, fn)
}

/** Runs on behalf of nobody: for what plugins ask for, and others use. */
export function asNobody<T>(fn: () => T): T {
  return plugins.run(undefined, fn)
}

/** Name of the plugin on whose behalf this runs. */
export function actingPlugin(): string | undefined {
  return plugins.getStore()
}

/** The same function, to be called later on behalf of whoever acts now. */
export function asNow<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const plugin = actingPlugin()
  return plugin === undefined ? fn : (...args) => plugins.run(plugin, fn, ...args)
}
