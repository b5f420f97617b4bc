import type { RunningGateway } from '@gatewright/kernel'

/** A middleware and where it is used. */
export interface MiddlewareAnswer {
  readonly name: string
  readonly type: string
  /** Routers that name it. */
  readonly routers: readonly string[]
}

/** The middlewares of the configuration, in its order. */
export function middlewaresOf({ understood }: RunningGateway): MiddlewareAnswer[] {
  const { middlewares, routers } = understood.blueprint
  return middlewares.map(({ name, factory: { type } }) => ({
    name,
    type,
    routers: routers.filter((router) => router.middlewares.includes(name)).map((one) => one.name),
  }))
}
