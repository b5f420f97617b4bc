import { IdentityFields } from '@gatewright/identity'
import { defineMiddleware, type Filter, type MiddlewareFactory } from '@gatewright/kernel'
import { type ReplacePathOptions, schema } from './options.ts'

/** The `replace-path` middleware type. */
export const replacePath: MiddlewareFactory<ReplacePathOptions> = defineMiddleware({
  type: 'replace-path',
  schema,
  create(options): Filter {
    const { path } = options
    const header = options.original_header.toLowerCase()
    // The upstream believes what stands there, so clients may not say it.
    const told = new IdentityFields(header === '' ? [] : [header], ['original_header'])
    return {
      onRequest({ request }) {
        told.clear(request.headers)
        // `*` of OPTIONS and the target of CONNECT are no paths.
        if (!request.target.startsWith('/')) return
        if (header !== '') request.headers.set(header, request.path)
        request.path = path
      },
      ...(header !== '' && { onSkip: (ctx) => told.clear(ctx.request.headers) }),
    }
  },
})
