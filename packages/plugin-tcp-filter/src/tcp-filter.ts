import { clientNetworkOf } from '@gatewright/ip-networks'
import {
  type Connection,
  defineEntrypointFeature,
  type EntrypointFeature,
  type EntrypointFeatureFactory,
  type GatewayError,
  type Refusal,
  type Scope,
} from '@gatewright/kernel'
import { AcceptRate } from './accept-rate.ts'
import { AddressFilter } from './address-filter.ts'
import { ConnectionCount } from './connection-count.ts'
import { errors } from './errors.ts'
import { schema, type TcpFilterOptions } from './options.ts'
import { RefusalLog } from './refusal-log.ts'

const retryAfter = ['retry-after', '1']

/** Bounds the connections of an entrypoint. Those of before a reload go on counting. */
export const tcpFilter: EntrypointFeatureFactory<TcpFilterOptions> = defineEntrypointFeature({
  type: 'tcp-filter',
  schema,
  create(options, scope) {
    const count = scope.keep(`tcp-filter:${scope.name}`, () => new ConnectionCount())
    return new TcpFilter(options, count, scope)
  },
})

class TcpFilter implements EntrypointFeature {
  readonly #count: ConnectionCount
  readonly #addresses: AddressFilter
  readonly #rate: AcceptRate | undefined
  readonly #resets: boolean
  readonly #log: RefusalLog
  readonly #max: number
  readonly #maxPerIp: number
  readonly #full: GatewayError
  readonly #clientFull: GatewayError
  readonly #tooFast: GatewayError
  readonly #denied = errors.GW_TCP_FILTER_DENIED()

  constructor(options: TcpFilterOptions, count: ConnectionCount, scope: Scope) {
    const { max_connections: max, max_connections_per_ip: maxPerIp } = options
    const { max_connections_per_second: perSecond } = options
    const { log, share } = scope
    this.#addresses = new AddressFilter(options)
    this.#resets = options.reset_refused ?? false
    const rate = perSecond === undefined ? Number.POSITIVE_INFINITY : Math.ceil(perSecond * share)
    if (perSecond !== undefined) {
      this.#rate = scope.keep(`tcp-filter-rate:${scope.name}:${rate}`, () => new AcceptRate(rate))
    }
    this.#count = count
    this.#log = new RefusalLog(log)
    this.#max = max === undefined ? Number.POSITIVE_INFINITY : Math.ceil(max * share)
    // Not shared out: those of one client need not come evenly.
    this.#maxPerIp = maxPerIp ?? Number.POSITIVE_INFINITY
    const headers = { headers: retryAfter }
    // Made once: a flood is to cost nothing.
    this.#full = errors.GW_TCP_FILTER_FULL({ limit: this.#max }, headers)
    this.#tooFast = errors.GW_TCP_FILTER_RATE({ limit: rate }, headers)
    this.#clientFull = errors.GW_TCP_FILTER_CLIENT_FULL({ limit: this.#maxPerIp }, headers)
  }

  onAccept(connection: Connection): Refusal | undefined {
    const count = this.#count
    if (count.total >= this.#max) return this.#refuse(connection, this.#full)
    count.add()
    connection.defer(() => count.remove())
    return undefined
  }

  /** Only now the address is that of the client, if a PROXY header was sent. */
  onIdentified(connection: Connection): Refusal | undefined {
    if (!this.#addresses.lets(connection.remoteAddress)) {
      return this.#refuse(connection, this.#denied)
    }
    if (this.#rate?.tryTake(performance.now()) === false) {
      return this.#refuse(connection, this.#tooFast)
    }
    if (connection.fromTrustedProxy === true) return undefined
    const count = this.#count
    const network = clientNetworkOf(connection.remoteAddress)
    if (count.of(network) >= this.#maxPerIp) return this.#refuse(connection, this.#clientFull)
    count.addTo(network)
    connection.defer(() => count.removeFrom(network))
    return undefined
  }

  #refuse({ remoteAddress }: Connection, answer: GatewayError): Refusal {
    const { message: reason, code } = answer
    this.#log.add(answer, remoteAddress, performance.now())
    if (this.#resets) return { reason, code, reset: true }
    // Whoever may not know of the entrypoint is told nothing, also while it is full.
    const mayKnow = answer !== this.#denied && this.#addresses.lets(remoteAddress)
    return mayKnow ? { reason, code, answer } : { reason, code }
  }
}
