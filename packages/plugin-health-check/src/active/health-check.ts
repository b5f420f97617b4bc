import { defineServiceFeature, type ServiceFeatureFactory } from '@gatewright/kernel'
import { openUpstreamTls } from '@gatewright/tls'
import { activeSchema, type HealthCheckOptions } from '../options.ts'
import { Checker } from './checker.ts'
import { Connections } from './connections.ts'
import { GrpcProber } from './grpc-prober.ts'
import { HttpProber } from './http-prober.ts'
import { HttpQuestion } from './http-question.ts'
import { Http2Prober } from './http2-prober.ts'
import { checkServers, checkTogether } from './options-check.ts'
import type { Prober } from './prober.ts'
import { TcpProber } from './tcp-prober.ts'

/** The `health_check` block: asks servers whether they work. */
export const healthCheck: ServiceFeatureFactory<HealthCheckOptions> = defineServiceFeature({
  type: 'health_check',
  parent: 'load_balancer',
  schema: activeSchema,
  stage: 0,
  create(options, service, scope) {
    checkTogether(options)
    const { name, pool } = service
    checkServers(options, pool.all)
    // The transport of the service has opened it, if it has any use of it.
    const tls = openUpstreamTls(undefined, service, scope)
    const prober = createProber(options, new Connections(tls))
    const checker = scope.keep(
      `health_check:${name}:${tls.key}:${JSON.stringify(options)}`,
      () => new Checker(options, prober, scope.log),
    )
    scope.onActivate(() => checker.follow(pool))
    scope.onDeactivate(() => checker.leave(pool))
    return {}
  },
})

function createProber(options: HealthCheckOptions, connections: Connections): Prober {
  const { mode, service = '', port } = options
  if (mode === 'tcp') return new TcpProber(port, connections)
  if (mode === 'grpc') return new GrpcProber(service, port, connections)
  return new EitherProber(new HttpQuestion(options), connections)
}

/** Asks servers over the version of HTTP that their clients use. */
class EitherProber implements Prober {
  readonly #question: HttpQuestion
  readonly #connections: Connections
  readonly #http: HttpProber
  readonly #http2: Http2Prober

  constructor(question: HttpQuestion, connections: Connections) {
    this.#question = question
    this.#connections = connections
    this.#http = new HttpProber(question, connections)
    this.#http2 = new Http2Prober(question, connections)
  }

  probe(server: URL, signal: AbortSignal): Promise<void> {
    const isHttp2 = this.#connections.isHttp2Only(this.#question.urlFor(server))
    return (isHttp2 ? this.#http2 : this.#http).probe(server, signal)
  }

  close(): Promise<void> {
    return this.#http.close()
  }
}
