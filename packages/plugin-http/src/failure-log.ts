import { type GatewayError, logLevelOf, type RequestContext, type Scope } from '@gatewright/kernel'

/** Tells of a failure that the gateway itself has not told of. */
export function logFailure(
  log: Scope['log'],
  { source, code, message, cause }: GatewayError,
  remoteAddress: string,
  ctx: RequestContext | undefined,
  text: string,
): void {
  const level = logLevelOf(source)
  if (!log.isLevelEnabled(level)) return
  const attempt = ctx?.attempts?.at(-1)
  const fields = {
    code,
    source,
    problem: message,
    remoteAddress,
    ...(ctx?.route !== undefined && { router: ctx.route.router }),
    ...(attempt !== undefined && {
      service: attempt.service.name,
      endpoint: attempt.endpoint.url.href,
    }),
    ...(cause !== undefined && { err: cause }),
  }
  log[level](fields, text)
}
