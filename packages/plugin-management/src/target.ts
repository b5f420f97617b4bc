import type { Endpoint, Methods } from './endpoint.ts'
import { endpoints, probes } from './endpoints.ts'
import { serverOrders } from './server-orders.ts'

/** What a request is for. */
export interface Target {
  readonly methods: Methods
  /** What stands behind the path of the endpoint, decoded. */
  readonly name: string | undefined
  /** The URL of a server of the service of that name. */
  readonly server?: string | undefined
  readonly query: URLSearchParams
}

/** What a request target means; `undefined` if nothing is there. */
export function targetOf(target: string, prefix: string): Target | undefined {
  const [path = '', search = ''] = split(target, '?')
  const query = new URLSearchParams(search)
  const bare = path.endsWith('/') ? path.slice(0, -1) : path
  if (!bare.startsWith(`${prefix}/`)) {
    const methods = probes.get(bare.slice(1))
    return methods === undefined ? undefined : { methods, name: undefined, query }
  }
  const rest = bare.slice(prefix.length + 1)
  const whole = endpoints.get(rest)
  if (whole !== undefined) return { methods: whole, name: undefined, query }
  return serverTarget(rest, query) ?? namedTarget(rest, query)
}

/** `services/<service>/backends/<url>/<order>` */
function serverTarget(path: string, query: URLSearchParams): Target | undefined {
  const match = /^services\/(?<service>[^/]+)\/backends\/(?<url>[^/]+)\/(?<order>[^/]+)$/.exec(path)
  const { service = '', url = '', order = '' } = match?.groups ?? {}
  const methods = serverOrders.get(order)
  const [name, server] = [decoded(service), decoded(url)]
  if (methods === undefined || name === undefined || server === undefined) return undefined
  return { methods, name, server, query }
}

function namedTarget(path: string, query: URLSearchParams): Target | undefined {
  const [first = '', second = ''] = split(path, '/')
  const methods = endpoints.get(first)
  const name = decoded(second)
  if (methods === undefined || name === undefined || !isNamed(methods)) return undefined
  return { methods, name, query }
}

function isNamed(methods: Methods): boolean {
  return Object.values(methods).some(({ named }: Endpoint) => named === true)
}

/** At the first place where it stands. */
function split(text: string, at: string): readonly string[] {
  const index = text.indexOf(at)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}

/** One part of a path; `undefined` for nothing, for several, and for what is badly encoded. */
function decoded(text: string): string | undefined {
  if (text === '' || text.includes('/')) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
