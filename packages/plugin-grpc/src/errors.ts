import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_GRPC_HTTP_VERSION: {
    status: 505,
    source: 'client',
    message: (p: { version: string }) => `gRPC needs HTTP/2; this is HTTP/${p.version}`,
    hint: 'let the client speak HTTP/2, or gRPC-Web with the middleware "grpc-web"',
  },
  GW_GRPC_BAD_TIMEOUT: {
    status: 400,
    source: 'client',
    message: (p: { value: string }) =>
      `grpc-timeout: expected up to 8 digits and one of H, M, S, m, u, n, found "${p.value}"`,
  },
  GW_GRPC_WEB_BAD_BASE64: {
    status: 400,
    source: 'client',
    message: () => 'the body is not base64, as its content-type says',
  },
  GW_GRPC_DEADLINE_EXCEEDED: {
    status: 504,
    source: 'client',
    publicMessage: 'Deadline exceeded',
    message: (p: { timeoutMs: number }) =>
      `the call was not over within the ${p.timeoutMs} ms that its client gave it`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What can be wrong with a call. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
