import type { Endpoint, ServiceFeatureFactory } from '@gatewright/kernel'
import { activeSchema, type HealthCheckOptions } from '../options.ts'
import { Checker } from './checker.ts'
import { GrpcProber } from './grpc-prober.ts'
import { HttpProber } from './http-prober.ts'
import { HttpQuestion } from './http-question.ts'
import { Http2Prober } from './http2-prober.ts'
import { checkTogether } from './options-check.ts'
import type { Prober } from './prober.ts'
import { TcpProber } from './tcp-prober.ts'

/** The `health_check` block: asks servers whether they work. */
export const healthCheck: ServiceFeatureFactory<HealthCheckOptions> = {
  type: 'health_check',
  parent: 'load_balancer',
  schema: activeSchema,
  stage: 0,
  create(options, { name, pool }, scope) {
    checkTogether(options)
    const prober = createProber(options)
    const checker = scope.keep(
      `health_check:${name}:${JSON.stringify(options)}`,
      () => new Checker(options, prober, scope.log),
    )
    scope.onActivate(() => checker.follow(pool))
    scope.onDeactivate(() => checker.leave(pool))
    return {}
  },
}

function createProber(options: HealthCheckOptions): Prober {
  const { mode, service = '', port } = options
  if (mode === 'tcp') return new TcpProber(port)
  if (mode === 'grpc') return new GrpcProber(service, port)
  return new EitherProber(new HttpQuestion(options), options.scheme)
}

/** Asks servers over the version of HTTP that their clients use. */
class EitherProber implements Prober {
  readonly #http: HttpProber
  readonly #http2: Http2Prober
  readonly #scheme: HealthCheckOptions['scheme']

  constructor(question: HttpQuestion, scheme: HealthCheckOptions['scheme']) {
    this.#http = new HttpProber(question)
    this.#http2 = new Http2Prober(question)
    this.#scheme = scheme
  }

  probe(server: Endpoint['url'], signal: AbortSignal): Promise<void> {
    const scheme = this.#scheme ?? server.protocol.slice(0, -1)
    const prober = scheme === 'h2c' || scheme === 'grpc' ? this.#http2 : this.#http
    return prober.probe(server, signal)
  }

  close(): Promise<void> {
    return this.#http.close()
  }
}
