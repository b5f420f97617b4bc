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
  const { source, code, message, cause } = error
  const attempt = ctx?.attempts?.at(-1)
  const service = attempt?.service.name
  const endpoint = attempt?.endpoint.url.href
  logFailureRarely(log, error, `${service} ${endpoint}`, text, () => ({
    code,
    source,
    problem: message,
    remoteAddress,
    ...(ctx?.route !== undefined && { router: ctx.route.router }),
    ...(attempt !== undefined && { service, endpoint }),
    ...(cause !== undefined && { err: cause }),
  }))
}
