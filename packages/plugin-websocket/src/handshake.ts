import { createHash, randomBytes } from 'node:crypto'
import type {
  GatewayError,
  GatewayRequest,
  GatewayResponse,
  HeaderList,
  UpgradeFactory,
} from '@gatewright/kernel'
import { errors } from './errors.ts'

/** RFC 6455 section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const version = '13'
/** 16 bytes in base64. */
const keyForm = /^[A-Za-z\d+/]{22}==$/

/** The upgrade `websocket`: checks the client's part of the handshake (RFC 6455 section 4.2.1). */
export const webSocketUpgrade: UpgradeFactory = {
  type: 'websocket',
  begin(request) {
    const { method, headers } = request
    if (method !== 'GET') throw refusal(`the method is ${method}; expected GET`)
    if (request.hasBody) throw refusal('the request has a body')
    if (request.version === '2') return completeExtended(headers)
    checkVersion(headers)
    checkKey(headers)
  },
  complete(request, response) {
    if (request.version === '2') checkAccept(request, response)
  },
}

/** What a server answers to a key, to show that it has understood. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64')
}

/** RFC 8441 section 5 leaves out the key; an upstream of HTTP/1.1 needs one. */
function completeExtended(headers: HeaderList): void {
  if (headers.has('sec-websocket-version')) checkVersion(headers)
  else headers.set('sec-websocket-version', version)
  headers.set('sec-websocket-key', randomBytes(16).toString('base64'))
}

function checkVersion(headers: HeaderList): void {
  const given = headers.getAll('sec-websocket-version')
  if (given.length === 1 && given[0] === version) return
  throw refusal(`${found('version', given)}; expected ${version}`)
}

function checkKey(headers: HeaderList): void {
  const given = headers.getAll('sec-websocket-key')
  const [key = ''] = given
  if (given.length !== 1) throw refusal(`${found('key', given)}; expected one`)
  if (!keyForm.test(key)) throw refusal('the key is not 16 bytes in base64')
}

/** The client has no key to check it with. */
function checkAccept({ headers }: GatewayRequest, response: GatewayResponse): void {
  const key = headers.get('sec-websocket-key') ?? ''
  const given = response.headers.get('sec-websocket-accept')
  if (given !== acceptOf(key)) throw errors.GW_WEBSOCKET_ACCEPT()
  response.headers.delete('sec-websocket-accept')
}

function found(what: string, given: readonly string[]): string {
  return given.length === 0 ? `it has no ${what}` : `its ${what} is ${given.join(' and ')}`
}

/** Says which version would do (RFC 6455 section 4.4). */
function refusal(problem: string): GatewayError {
  return errors.GW_WEBSOCKET_HANDSHAKE({ problem }, { headers: ['sec-websocket-version', version] })
}
