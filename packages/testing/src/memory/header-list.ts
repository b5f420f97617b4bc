import { HeaderList } from '@gatewright/kernel'
import { type FieldsInit, flatFields } from '../wire/fields.ts'

/** Fields as a protocol hands them on, with the length of a body that is text or bytes. */
export function headerListOf(init: FieldsInit, body: unknown): HeaderList {
  const fields = flatFields(init).map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))
  const headers = new HeaderList(fields)
  const isWhole = typeof body === 'string' || body instanceof Uint8Array
  if (isWhole && !headers.has('content-length')) {
    headers.append('content-length', String(Buffer.byteLength(body)))
  }
  return headers
}
