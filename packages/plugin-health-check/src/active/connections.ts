import type { Socket } from 'node:net'
import { connectOnce, plainDialer, UpstreamOrigin } from '@gatewright/http1'
import { isSecure, type UpstreamTls } from '@gatewright/tls'

/** Connects probes to servers as requests are: with the same authorities, names and certificates. */
export class Connections {
  readonly #tls: UpstreamTls

  constructor(tls: UpstreamTls) {
    this.#tls = tls
  }

  /** True if such a server speaks HTTP/2 and nothing else. */
  isHttp2Only({ protocol }: URL): boolean {
    if (protocol === 'h2c:' || protocol === 'grpc:' || protocol === 'grpcs:') return true
    return protocol === 'https:' && this.#tls.alpn?.includes('http/1.1') === false
  }

  /**
   * Makes a connection, over TLS if the scheme says so. It is paused. Rejects with what is wrong.
   * @param protocols What is offered then, unless the options of the service say it.
   */
  open(server: URL, protocols: readonly string[], signal: AbortSignal): Promise<Socket> {
    const dialer = isSecure(server) ? this.#tls.dialer(protocols) : plainDialer
    return connectOnce(new UpstreamOrigin(server), dialer, signal)
  }
}
