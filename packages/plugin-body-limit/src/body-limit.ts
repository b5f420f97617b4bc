import {
  defineMiddleware,
  type HeaderList,
  type MiddlewareFactory,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import { type BodyLimitOptions, schema } from './options.ts'

/** The `body-limit` middleware type. Counts as the bytes go by and keeps none of them. */
export const bodyLimit: MiddlewareFactory<BodyLimitOptions> = defineMiddleware({
  type: 'body-limit',
  schema,
  create(options, { dryRun, log, name }) {
    const { max_body_bytes: maxBody, max_header_bytes: maxHeader } = options
    const members = { max_bytes: maxBody }
    const tooLarge = (ctx: RequestContext) => {
      // Of a body under way the service would be blamed, which was to get it.
      ctx.answeredBy = `middleware "${name}"`
      return errors.GW_BODY_LIMIT_EXCEEDED({ limit: maxBody }, { members })
    }
    return {
      onRequest(ctx) {
        const { request } = ctx
        if (maxHeader !== undefined && sizeOf(request.headers) > maxHeader) {
          throw errors.GW_BODY_LIMIT_HEADER_EXCEEDED({ limit: maxHeader })
        }
        // Nobody answers for a body that is under way but the body itself.
        if (dryRun && request.bodyLength === undefined) watch(ctx, maxBody, log)
        else request.limitBody(maxBody, () => tooLarge(ctx))
      },
    }
  },
})

/** As HTTP/1.1 writes them: a colon, a space and the end of a line for each. */
function sizeOf(headers: HeaderList): number {
  const fields = headers.raw()
  let size = fields.length * 2
  for (const text of fields) size += text.length
  return size
}

/** Says once that the body is larger than it may be, and lets it pass. */
function watch({ request, route }: RequestContext, limit: number, log: Scope['log']): void {
  const router = route?.router
  let seen = 0
  request.observeBody(({ length }) => {
    const before = seen
    seen += length
    if (before > limit || seen <= limit) return
    log.info(
      { router, status: 413, code: 'GW_BODY_LIMIT_EXCEEDED' },
      'dry run: would have rejected',
    )
  })
}
