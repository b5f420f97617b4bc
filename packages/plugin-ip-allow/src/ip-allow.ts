import { defineMiddleware, type MiddlewareFactory } from '@gatewright/kernel'
import { AccessList } from './access-list.ts'
import { clientAddressBy } from './client-address.ts'
import { errors } from './errors.ts'
import { type IpAllowOptions, schema } from './options.ts'

/** The `ip-allow` middleware type, for requests and for connections. */
export const ipAllow: MiddlewareFactory<IpAllowOptions> = defineMiddleware({
  type: 'ip-allow',
  schema,
  async create(options, scope) {
    const { reject_status: status, ip_strategy: strategy } = options
    const list = await AccessList.open(options, scope)
    const clientAddressOf = clientAddressBy(strategy)
    return {
      onRequest(ctx) {
        const address = clientAddressOf(ctx)
        if (list.lets(address)) return undefined
        return ctx.fail(errors.GW_IP_ALLOW_DENIED({ address: address ?? '' }, { status }))
      },
      onConnection({ clientAddress: address }) {
        if (list.lets(address)) return undefined
        const error = errors.GW_IP_ALLOW_DENIED({ address })
        return { reason: error.message, error }
      },
    }
  },
})
