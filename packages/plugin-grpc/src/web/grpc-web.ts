import { defineMiddleware, type MiddlewareFactory, type RequestContext } from '@gatewright/kernel'
import { tryWebType } from '../media-type.ts'
import { type GrpcWebOptions, schema } from '../options.ts'
import { DecodedBody } from './decoded-body.ts'
import { WebDialect } from './web-dialect.ts'

/** The `grpc-web` middleware type: calls of browsers, as servers of gRPC understand them. */
export const grpcWeb: MiddlewareFactory<GrpcWebOptions> = defineMiddleware({
  type: 'grpc-web',
  schema,
  create(_options, { log }) {
    return {
      onRequest(ctx) {
        const { request } = ctx
        const { headers } = request
        const type = tryWebType(headers.get('content-type'))
        if (type === undefined || request.method !== 'POST') return
        const dialect = new WebDialect(wantsText(ctx, type.text), type.suffix, log)
        ctx.dialect = dialect
        dialect.begin(ctx)
        headers.set('content-type', `application/grpc${type.suffix}`)
        headers.set('te', 'trailers')
        headers.delete('accept')
        headers.delete('x-grpc-web')
        if (type.text) decode(ctx)
      },
    }
  },
})

/** What a client sends in base64 it gets in base64, unless it asks for something else. */
function wantsText({ request }: RequestContext, sendsText: boolean): boolean {
  const accepted = request.headers.getAll('accept').join().split(',')
  const types = accepted.map((part) => tryWebType(part.trim())).filter((type) => type !== undefined)
  return types.length === 0 ? sendsText : types.some(({ text }) => text)
}

function decode({ request }: RequestContext): void {
  const source = request.takeBody()
  if (source !== undefined) request.replaceBody(new DecodedBody(source))
  request.headers.delete('content-length')
}
