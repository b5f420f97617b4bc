import { type Endpoint, endpoints, type Methods, probes } from './endpoints.ts'

/** What a request is for. */
export interface Target {
  readonly methods: Methods
  /** What stands behind the path of the endpoint, decoded. */
  readonly name: string | undefined
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
  const [first = '', second = ''] = split(rest, '/')
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

/** `undefined` for nothing and for what is badly encoded. */
function decoded(text: string): string | undefined {
  if (text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
