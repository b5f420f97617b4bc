/** Methods that label values may name. */
const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
] as const

const indexes: ReadonlyMap<string, number> = new Map(
  methods.map((method, index) => [method, index]),
)

/** How many {@link methodIndex} tells apart. */
export const methodCount: number = methods.length + 1

/** The place of a method; all that nobody knows share the last one. */
export function methodIndex(method: string): number {
  return indexes.get(method) ?? methods.length
}

/** The label of a place. */
export function methodName(index: number): string {
  return methods[index] ?? 'OTHER'
}
