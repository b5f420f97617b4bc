import {
  defineMiddleware,
  type Middleware,
  type MiddlewareFactory,
  type OptionsSchema,
  type Scope,
} from '@gatewright/kernel'

/** A middleware type without options. */
export function middleware(
  create: (options: object, scope: Scope) => Middleware,
): MiddlewareFactory<object> {
  const schema: OptionsSchema<object> = {
    type: 'object',
    additionalProperties: false,
    properties: {},
  }
  return defineMiddleware({ type: 'tested', schema, create })
}

/** Changes nothing. */
export const passing: MiddlewareFactory<object> = middleware(() => ({ onRequest: () => undefined }))
