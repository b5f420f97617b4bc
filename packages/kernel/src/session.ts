import type { Awaitable } from './awaitable.ts'
import type { AnyOptions, OptionsSchema } from './schema.ts'
import type { Scope } from './scope.ts'

/** Keeps the data of sessions by id. */
export interface SessionStore extends AsyncDisposable {
  /** `undefined` if unknown or expired. Does not extend the lifetime. */
  get(id: string): Awaitable<Uint8Array | undefined>
  /** @param ttl Lifetime in seconds. */
  set(id: string, data: Uint8Array, ttl: number): Awaitable<void>
  /** Extends the lifetime to `ttl` seconds. False if unknown or expired. */
  touch(id: string, ttl: number): Awaitable<boolean>
  delete(id: string): Awaitable<void>
}

/** Makes a session store out of its block. */
export interface SessionStoreFactory<O = AnyOptions> {
  readonly type: string
  readonly schema: OptionsSchema<O>
  create(options: O, scope: Scope): Awaitable<SessionStore>
}
