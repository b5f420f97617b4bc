import type { Script } from '../memory/memory-upstream.ts'
import { type HttpBehaviour, HttpFake, type HttpFakeOptions } from './http-fake.ts'
import { MemoryFake } from './memory-fake.ts'

/** Servers that a test puts behind services; all on free ports of the loopback address. */
export const fakeUpstream = {
  /** An HTTP/1.1 server. Default: 200 without a body. */
  http: (behaviour: HttpBehaviour = 200, options: HttpFakeOptions = {}): HttpFake =>
    new HttpFake(behaviour, options),
  /** A server without a socket, for the fake clock above all. Default: 200 without a body. */
  memory: (script: Script = 200): MemoryFake => new MemoryFake(script),
} as const
