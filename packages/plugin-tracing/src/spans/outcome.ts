/** Codes of gRPC for which the server is to blame (OpenTelemetry's conventions for RPC). */
const serverFaults: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
])

/** True if a response says that its server has failed, whatever its status. */
export function isServerFault(code: string | undefined): boolean {
  return code !== undefined && serverFaults.has(code)
}

/** True if a response says that its request has failed, whatever its status. */
export function isFault(code: string | undefined): boolean {
  return code !== undefined && code !== 'OK'
}

/** In what way something has failed. */
export function typeOf(code: string | undefined, status: number | undefined): string {
  return code !== undefined && code !== 'OK' ? code : String(status)
}
