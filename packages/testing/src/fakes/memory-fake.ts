import type { MemoryRequest } from '../memory/memory-message.ts'
import type { Script } from '../memory/memory-script.ts'
import { MemoryUpstream } from '../memory/memory-upstream.ts'
import type { FakeUpstream } from './fake-upstream.ts'

let fakes = 0

/** A server without a socket. Its calls are the attempts that reached it. */
export class MemoryFake implements FakeUpstream<MemoryRequest> {
  /** `memory://fake-7`: the number is that of the fake in this process. */
  readonly url: string = `memory://fake-${++fakes}`
  /** @internal */
  readonly upstream: MemoryUpstream

  /** @internal */
  constructor(script: Script) {
    this.upstream = new MemoryUpstream(script)
  }

  get calls(): readonly MemoryRequest[] {
    return this.upstream.requests
  }

  /** Another script, from the next attempt on. Throws GW_TESTING_SCRIPT. */
  behave(script: Script): void {
    this.upstream.behave(script)
  }

  waitForCalls(count: number): Promise<readonly MemoryRequest[]> {
    return this.upstream.waitForRequests(count)
  }

  async start(): Promise<void> {
    // It is there.
  }

  async close(): Promise<void> {
    // There is nothing to let go.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
