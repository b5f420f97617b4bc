import type { TestGateway } from '@gatewright/testing'
import { type MirrorCounts, mirrorCountsOf } from '../src/index.ts'

/** Where the service and its shadow are. */
export interface Shadowed {
  readonly primary: string | readonly string[]
  readonly shadow: string
  /** Further keys of the `mirror` block. */
  readonly mirror?: string
  /** Further keys of the shadow. */
  readonly shadowKeys?: string
  /** Of both routers. */
  readonly middlewares?: readonly string[]
  /** Further blocks. */
  readonly blocks?: string
}

/** A configuration with the service `shop`, which two routers use, and its shadow `next`. */
export function configOf(parts: Shadowed): string {
  const { primary, shadow, mirror = '', shadowKeys = '', middlewares = [], blocks = '' } = parts
  const servers = [primary].flat().map((url) => `{ url = "${url}" }`)
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "shop"
      middlewares = ${JSON.stringify(middlewares)}
    }
    routers "other" {
      rule        = "PathPrefix(\`/other\`)"
      service     = "shop"
      middlewares = ${JSON.stringify(middlewares)}
    }
    services "shop" {
      load_balancer {
        servers = [${servers.join(', ')}]
      }
      mirror {
        service = "next"
        ${mirror}
      }
    }
    services "next" {
      load_balancer {
        servers = [{ url = "${shadow}" }]
      }
      ${shadowKeys}
    }
    ${blocks}
  `
}

/** The counts of the service `shop`. */
export function countsOf({ gateway }: TestGateway): MirrorCounts {
  const service = gateway.snapshot.services.get('shop')
  const counts = service && mirrorCountsOf(service)
  if (counts === undefined) throw new Error('the service "shop" has no mirror')
  return counts
}

/** How many copies are over. */
export function copiesOver(gateway: TestGateway): number {
  return Object.values(countsOf(gateway).outcomes).reduce((sum, count) => sum + count, 0)
}
