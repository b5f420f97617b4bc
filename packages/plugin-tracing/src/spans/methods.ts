import type { Attributes } from './span.ts'

const known: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
])

/** Of names of spans there may only be some. */
export function nameOf(method: string): string {
  return known.has(method) ? method : 'HTTP'
}

/** A request that could not be read has no method. */
export function addMethod(attributes: Attributes, method: string): void {
  if (known.has(method)) return attributes.add('http.request.method', method)
  attributes.add('http.request.method', '_OTHER')
  if (method !== '') attributes.add('http.request.method_original', method)
}
