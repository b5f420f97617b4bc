/** A server that a test puts behind a service, whatever it speaks. */
export interface FakeUpstream<C = unknown> extends AsyncDisposable {
  /** What stands in `servers = [{ url = … }]`. Throws before the fake has started. */
  readonly url: string
  /** What it was asked, in that order. */
  readonly calls: readonly C[]
  /** The first so many calls, as soon as they are there. Throws GW_TESTING_WAITED after 5 s. */
  waitForCalls(count: number): Promise<readonly C[]>
  /** Begins to listen, unless it does; `createTestGateway` calls it. */
  start(): Promise<void>
  /** Stops listening; `close` of the gateway calls it. */
  close(): Promise<void>
}
