import type { RedirectOptions } from './options.ts'

/** Where a client is. */
export interface Place {
  readonly scheme: 'http' | 'https'
  /** Host, with a port if it has one. */
  readonly authority: string
  readonly path: string
}

const defaultPorts = { http: 80, https: 443 } as const

/**
 * Where a client is to go, without the query; `undefined` if it is there already. Paths are compared
 * as they came.
 */
export function locationFor(options: RedirectOptions, place: Place): string | undefined {
  const { scheme = place.scheme, path = place.path } = options
  const { host: ownHost, port: ownPort } = partsOf(place)
  const host = options.host?.toLowerCase() ?? ownHost
  const staysThere = scheme === place.scheme && host === ownHost
  const port = options.port ?? (staysThere ? ownPort : defaultPorts[scheme])
  const location = urlOf(scheme, host, port, path)
  return location === urlOf(place.scheme, ownHost, ownPort, place.path) ? undefined : location
}

function partsOf({ scheme, authority }: Place): { readonly host: string; readonly port: number } {
  const port = /:(\d+)$/.exec(authority)?.[1]
  return {
    host: authority.replace(/:\d*$/, '').toLowerCase(),
    port: port === undefined ? defaultPorts[scheme] : Number(port),
  }
}

function urlOf(scheme: Place['scheme'], host: string, port: number, path: string): string {
  return `${scheme}://${host}${port === defaultPorts[scheme] ? '' : `:${port}`}${path}`
}
