import { digestOfField, digestOfText } from '@gatewright/identity'
import type { GatewayRequest } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { ApiKeyOptions } from './options.ts'

const credentials = /^(?:apikey|bearer) +(.*)$/i

/** Where a request may carry its key. */
export class KeySources {
  readonly #header: string
  readonly #authorization: boolean
  readonly #query: string | undefined
  readonly #forward: boolean

  constructor(options: ApiKeyOptions) {
    this.#header = options.header.toLowerCase()
    this.#authorization = options.authorization
    this.#query = options.query
    this.#forward = options.forward
  }

  /**
   * The digest of the key; `undefined` if there is none. The first place that has one counts, and
   * all of them are emptied unless keys are forwarded. Throws GW_API_KEY_AMBIGUOUS.
   */
  take(request: GatewayRequest): string | undefined {
    const inHeader = this.#fromField(request, this.#header)
    const inAuthorization = this.#authorization ? this.#fromAuthorization(request) : undefined
    const inQuery = this.#query === undefined ? undefined : this.#fromQuery(request, this.#query)
    const value = inHeader ?? inAuthorization
    if (value !== undefined) return digestOfField(value)
    return inQuery === undefined ? undefined : digestOfText(inQuery)
  }

  #fromField({ headers }: GatewayRequest, name: string): string | undefined {
    if (!headers.has(name)) return undefined
    const value = onlyOne(headers.getAll(name))
    if (!this.#forward) headers.delete(name)
    return value
  }

  #fromAuthorization({ headers }: GatewayRequest): string | undefined {
    const value = headers.get('authorization')
    if (value === undefined) return undefined
    onlyOne(headers.getAll('authorization'))
    const [, key] = credentials.exec(value) ?? []
    if (key !== undefined && !this.#forward) headers.delete('authorization')
    return key
  }

  #fromQuery(request: GatewayRequest, name: string): string | undefined {
    const { query } = request
    if (query.length < 2) return undefined
    const parameters = query.slice(1).split('&')
    const isKey = (parameter: string): boolean => nameOf(parameter) === name
    const found = parameters.filter(isKey)
    if (found.length === 0) return undefined
    const parameter = onlyOne(found)
    if (!this.#forward) {
      const rest = parameters.filter((other) => !isKey(other))
      request.query = rest.length === 0 ? '' : `?${rest.join('&')}`
    }
    return valueOf(parameter)
  }
}

/** Which of several the upstream would look at, nobody knows. */
function onlyOne(values: readonly string[]): string {
  const [value = ''] = values
  if (values.length > 1) throw errors.GW_API_KEY_AMBIGUOUS()
  return value
}

function nameOf(parameter: string): string | undefined {
  return decoded(parameter.split('=', 1)[0] ?? '')
}

function valueOf(parameter: string): string | undefined {
  const sign = parameter.indexOf('=')
  return sign < 0 ? '' : decoded(parameter.slice(sign + 1))
}

/** As in a form; `undefined` if it is not percent-encoded UTF-8. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
