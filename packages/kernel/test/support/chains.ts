import { expect } from 'vitest'
import type { Awaitable } from '../../src/awaitable.ts'
import { type ChainLink, compileChain } from '../../src/chain.ts'
import type { Filter, Handler, Middleware } from '../../src/middleware.ts'
import type { RequestContext } from '../../src/request-context.ts'
import { GatewayResponse } from '../../src/response.ts'
import { fakeContext } from './contexts.ts'

/** What a test says about a filter that writes down what it sees. */
export interface Tracing {
  readonly answers?: boolean
  readonly async?: boolean
}

export class Tracer {
  readonly options: Tracing

  constructor(options: Tracing) {
    this.options = options
  }
}

export function tracing(options: Tracing = {}): Tracer {
  return new Tracer(options)
}

export function chainOf(
  middlewares: Readonly<Record<string, Middleware | Tracer>>,
  terminal?: Handler,
): { run: () => Awaitable<GatewayResponse>; trace: string[]; ctx: RequestContext } {
  const trace: string[] = []
  const ctx = fakeContext()
  const links = Object.entries(middlewares).map(([name, given]) =>
    link(name, given instanceof Tracer ? tracer(name, given.options, trace) : given),
  )
  const end: Handler = (context) => {
    trace.push('service')
    return (terminal ?? answering(200))(context)
  }
  const handle = compileChain(links, end)
  return { run: () => handle(ctx), trace, ctx }
}

function tracer(name: string, { answers, async }: Tracing, trace: string[]): Filter {
  const note = <T>(what: string, result: T): T | Promise<T> => {
    trace.push(`${name} ${what}`)
    return async === true ? Promise.resolve(result) : result
  }
  return {
    onRequest: () =>
      note('in', answers === true ? new GatewayResponse({ status: 204 }) : undefined),
    onResponse: () => note('out', undefined),
  }
}

export function link(name: string, middleware: Middleware): ChainLink {
  return { owner: `middleware "${name}"`, middleware }
}

export function answering(status: number): Handler {
  return () => new GatewayResponse({ status })
}

export function failing(how: 'throws' | 'rejects'): Promise<never> {
  if (how === 'rejects') return Promise.reject(new Error('boom'))
  throw new Error('boom')
}

export function badResult(where: string): unknown {
  return {
    code: 'GW_PLUGIN_BAD_RESULT',
    message: expect.stringMatching(`^middleware "bad" returned .* from ${where}; expected `),
  }
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
