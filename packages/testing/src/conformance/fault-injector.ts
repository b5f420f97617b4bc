import type { Awaitable, Middleware, MiddlewareFactory } from '@gatewright/kernel'
import { isThenable } from '@gatewright/kernel'

/** Ways in which a handler goes wrong. */
export const faults = ['throws', 'rejects', 'answers nonsense', 'never answers'] as const

export type Fault = (typeof faults)[number]

/** Handlers of middlewares for requests. */
export const handlers = ['onRequest', 'onResponse', 'around'] as const

export type HandlerName = (typeof handlers)[number]

/** Makes one handler of a middleware go wrong in place of doing its work. */
export class FaultInjector {
  readonly #fault: Fault
  readonly #handler: HandlerName
  /** The handler works as it should while this is false. */
  armed = true
  reached = false

  constructor(fault: Fault, handler: HandlerName) {
    this.#fault = fault
    this.#handler = handler
  }

  wrap<O>(factory: MiddlewareFactory<O>): MiddlewareFactory<O> {
    return wrapInstances(factory, (middleware) => this.#instance(middleware))
  }

  #instance(middleware: Middleware): Middleware {
    // A proxy so that the handlers find their own `this`.
    return new Proxy(middleware, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown =>
          key === this.#handler && this.armed ? this.#fail() : Reflect.apply(value, target, args)
      },
    })
  }

  #fail(): unknown {
    this.reached = true
    if (this.#fault === 'throws') throw new Error('thrown by the conformance suite')
    if (this.#fault === 'rejects') return Promise.reject(new Error('rejected by the suite'))
    if (this.#fault === 'answers nonsense') return 42
    return new Promise(() => undefined)
  }
}

/** The same factory with something else in place of each instance. */
export function wrapInstances<O>(
  factory: MiddlewareFactory<O>,
  wrap: (middleware: Middleware) => Middleware,
): MiddlewareFactory<O> {
  return {
    ...factory,
    create(options, scope): Awaitable<Middleware> {
      const made = factory.create(options, scope)
      return isThenable(made) ? made.then((middleware) => wrap(middleware)) : wrap(made)
    },
  }
}
