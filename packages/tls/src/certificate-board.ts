import {
  type Figure,
  type FigureSample,
  figures,
  type GatewayHooks,
  type PluginGateway,
  type Scope,
} from '@gatewright/kernel'
import type { CertificateStore } from './certificate-store.ts'

/** The certificates that one gateway presents at the moment. */
export class CertificateBoard {
  /** One for each block; two while one takes over. */
  readonly #stores = new Map<object, CertificateStore>()

  /** Has them on the board for as long as the configuration of the scope is active. */
  show(store: CertificateStore, scope: Pick<Scope, 'onActivate' | 'onDeactivate'>): void {
    const place = {}
    scope.onActivate(() => this.#stores.set(place, store))
    scope.onDeactivate(() => this.#stores.delete(place))
  }

  /** When they expire. Of two for one domain, the one that does so first. */
  get figure(): Figure {
    return {
      type: 'tls_certificate_expiry_timestamp_seconds',
      kind: 'gauge',
      help: 'When certificates that clients get are no longer valid',
      labels: ['domain', 'source'],
      across: 'min',
      read: () => this.#expiries(),
    }
  }

  #expiries(): FigureSample[] {
    const first = new Map<string, number>()
    for (const store of new Set(this.#stores.values())) {
      for (const { domain, validTo } of store.validities()) {
        const value = validTo.getTime() / 1000
        first.set(domain, Math.min(value, first.get(domain) ?? Number.POSITIVE_INFINITY))
      }
    }
    return [...first].map(([domain, value]) => ({ labels: [domain, 'file'], value }))
  }
}

const boards = new WeakMap<GatewayHooks, CertificateBoard>()

/** The board of a gateway, which all plugins share that present certificates. For `setup`. */
export function certificateBoardOf(gateway: PluginGateway): CertificateBoard {
  const known = boards.get(gateway.hooks)
  if (known !== undefined) return known
  const board = new CertificateBoard()
  gateway.registry(figures).register(board.figure)
  boards.set(gateway.hooks, board)
  return board
}
