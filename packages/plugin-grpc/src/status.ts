/**
 * The status codes of gRPC.
 *
 * @module
 */

/** Names of the codes, each at the place of its number. */
const names = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

/** The codes that the gateway itself uses. */
export const Code = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** How a call ended, as its client is told. */
export interface GrpcStatus {
  readonly code: number
  /** `UNAVAILABLE` and the like; the number itself for one that nobody knows. */
  readonly name: string
  /** Decoded; empty if there is none. */
  readonly message: string
}

/** The name of a code; the number itself for one that nobody knows. */
export function nameOfCode(code: number): string {
  return names[code] ?? String(code)
}

/** The value of a `grpc-status` field; UNKNOWN if it is none. */
export function parseCode(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Code.unknown
}
