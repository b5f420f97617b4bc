import {
  forbiddenTrailerKinds,
  hopByHopKinds,
  Kind,
  type KindSet,
  kindOf,
  kindSet,
  WireHeaders,
} from '@gatewright/http1'
import { checkField, type GatewayResponse, type HeaderList } from '@gatewright/kernel'

/** What HTTP/2 says otherwise, or not at all (RFC 9113 section 8.2.2). */
const droppedKinds = hopByHopKinds | kindSet(Kind.contentLength)
const lengthValue = /^\d{1,15}$/
const names = Buffer.alloc(64)

/**
 * The head of a response as name, value, …: `:status`, then what an upstream or a plugin gave
 * without the fields of one hop. Throws GW_INVALID_HEADER.
 * @param length Of the body, if it is known. -1 stands for a body that is left out, whose length
 * may be said all the same (RFC 9110 section 8.6).
 */
export function responseFields(
  { status, headers }: GatewayResponse,
  length: number | undefined,
): string[] {
  const fields = [':status', String(status)]
  addFields(fields, headers)
  const told = length === -1 ? describedLength(headers) : length
  if (told !== undefined) fields.push('content-length', String(told))
  return fields
}

/** The head that switches a stream to another protocol, for which HTTP/1.1 has 101 (RFC 8441 section 5). */
export function switchedFields({ headers }: GatewayResponse): string[] {
  const fields = [':status', '200']
  const given = interimFields(headers)
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i] ?? ''
    if (name !== 'sec-websocket-accept') fields.push(name, given[i + 1] ?? '')
  }
  return fields
}

/** The fields of an interim head as name, value, …. Throws GW_INVALID_HEADER. */
export function interimFields(headers: HeaderList): string[] {
  const fields: string[] = []
  addFields(fields, headers)
  return fields
}

/** The trailers that may be sent (RFC 9110 section 6.5.1). Throws GW_INVALID_HEADER. */
export function trailerFields(trailers: HeaderList): string[] {
  const fields: string[] = []
  addGiven(fields, trailers.raw(), undefined, forbiddenTrailerKinds)
  return fields
}

function addFields(fields: string[], headers: HeaderList): void {
  if (headers instanceof WireHeaders) {
    return addReceived(
      fields,
      headers,
      headers.section.nominates ? nominatedBy(headers) : undefined,
    )
  }
  const nominated = headers.has('connection') ? nominatedBy(headers) : undefined
  addGiven(fields, headers.raw(), nominated)
}

/** Without asking again for the kind of each field, and without checks that were made before. */
function addReceived(
  fields: string[],
  headers: WireHeaders,
  nominated: ReadonlySet<string> | undefined,
): void {
  const { section, removed, block, appended } = headers
  if (block !== undefined) addGiven(fields, block.fields, nominated)
  for (let line = 0; line < section.count; line++) {
    // `Kind.other` is in no set, since its bit is 0's.
    if (((1 << section.kind(line)) & droppedKinds) !== 0 || removed?.[line] === 1) continue
    const name = section.name(line)
    if (nominated?.has(name) !== true) fields.push(name, section.value(line))
  }
  addGiven(fields, appended, nominated)
}

function addGiven(
  fields: string[],
  given: readonly string[],
  nominated: ReadonlySet<string> | undefined,
  dropped: KindSet = droppedKinds,
): void {
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i] ?? ''
    const value = given[i + 1] ?? ''
    checkField(name, value)
    if (!isOf(name, dropped) && nominated?.has(name) !== true) fields.push(name, value)
  }
}

function isOf(name: string, kinds: KindSet): boolean {
  // All of those names are shorter.
  if (name.length > names.length) return false
  names.write(name, 'latin1')
  const kind = kindOf(names, 0, name.length)
  return kind !== Kind.other && (kinds & (1 << kind)) !== 0
}

function nominatedBy(headers: HeaderList): ReadonlySet<string> {
  const nominated = new Set<string>()
  for (const value of headers.getAll('connection')) {
    for (const name of value.split(',')) nominated.add(name.trim().toLowerCase())
  }
  return nominated
}

function describedLength(headers: HeaderList): number | undefined {
  const given = headers.get('content-length')
  return given !== undefined && lengthValue.test(given) ? Number(given) : undefined
}
