import {
  type GatewayError,
  logFailureRarely,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'

/** Tells of a failure that the gateway itself has not told of. */
export function logFailure(
  log: Scope['log'],
  error: GatewayError,
  remoteAddress: string,
  ctx: RequestContext | undefined,
  text: string,
): void {
  const attempt = ctx?.attempts?.at(-1)
  logFailureRarely(log, error, text, {
    object: () => `${attempt?.service.name} ${attempt?.endpoint.url.href}`,
    fields: () => ({
      code: error.code,
      source: error.source,
      problem: error.message,
      remoteAddress,
      ...(ctx?.route !== undefined && { router: ctx.route.router }),
      ...(attempt !== undefined && {
        service: attempt.service.name,
        endpoint: attempt.endpoint.url.href,
      }),
      ...(error.cause !== undefined && { err: error.cause }),
    }),
  })
}
