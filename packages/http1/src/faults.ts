/**
 * What can be wrong with bytes from a peer. The parsers return these numbers instead of throwing.
 *
 * @module
 */

/** More bytes are needed before anything can be said. */
export const incomplete = 0

/**
 * Result of the request parser for `PRI * HTTP/2.0`: the connection preface of HTTP/2 (RFC 9113
 * section 3.4). Not a fault; whoever speaks HTTP/2 takes the connection over with all its bytes.
 */
export const http2Preface = -1

/** Faults by name. All are below -1. */
export const Fault = {
  badMethod: -2,
  methodTooLong: -3,
  badTarget: -4,
  targetTooLong: -5,
  badTargetForm: -6,
  badTargetAuthority: -7,
  missingVersion: -8,
  badVersion: -9,
  unsupportedVersion: -10,
  badStatus: -11,
  badReason: -12,
  bareLf: -13,
  bareCr: -14,
  badFieldName: -15,
  missingColon: -16,
  foldedLine: -17,
  badFieldValue: -18,
  headTooLarge: -19,
  tooManyFields: -20,
  missingHost: -21,
  duplicateHost: -22,
  badHost: -23,
  badContentLength: -24,
  duplicateContentLength: -25,
  badTransferEncoding: -26,
  unknownTransferCoding: -27,
  duplicateTransferEncoding: -28,
  unexpectedTransferEncoding: -29,
  conflictingLengths: -30,
  unmetExpectation: -31,
  badChunkSize: -32,
  badChunkExtension: -33,
  badChunkEnd: -34,
  chunkOverheadTooLarge: -35,
  badTrailer: -36,
  unexpectedTls: -37,
} as const

/** What to answer and to log for a fault. */
export interface FaultDetail {
  /** Stable identifier, such as `GW_HTTP1_BARE_LF`. */
  readonly code: `GW_HTTP1_${string}`
  /** HTTP status when a client is to blame. What an upstream does wrong is always 502. */
  readonly status: number
  /** A noun phrase, such as `bare line feed`. */
  readonly problem: string
}

const details: Readonly<Record<keyof typeof Fault, FaultDetail>> = {
  badMethod: {
    code: 'GW_HTTP1_BAD_METHOD',
    status: 400,
    problem: 'method is not a token followed by one space',
  },
  unexpectedTls: {
    code: 'GW_HTTP1_UNEXPECTED_TLS',
    status: 400,
    problem: 'the client speaks TLS, and this port does not; use http:// in place of https://',
  },
  methodTooLong: { code: 'GW_HTTP1_METHOD_TOO_LONG', status: 400, problem: 'method is too long' },
  badTarget: {
    code: 'GW_HTTP1_BAD_TARGET',
    status: 400,
    problem: 'request target is empty or has a byte that must be encoded',
  },
  targetTooLong: {
    code: 'GW_HTTP1_TARGET_TOO_LONG',
    status: 414,
    problem: 'request target is too long',
  },
  badTargetForm: {
    code: 'GW_HTTP1_BAD_TARGET_FORM',
    status: 400,
    problem: 'request target has a form that the method does not allow',
  },
  badTargetAuthority: {
    code: 'GW_HTTP1_BAD_TARGET_AUTHORITY',
    status: 400,
    problem: 'request target has an invalid host or port',
  },
  missingVersion: {
    code: 'GW_HTTP1_MISSING_VERSION',
    status: 400,
    problem: 'request line has no version',
  },
  badVersion: {
    code: 'GW_HTTP1_BAD_VERSION',
    status: 400,
    problem: 'start line has a malformed version',
  },
  unsupportedVersion: {
    code: 'GW_HTTP1_UNSUPPORTED_VERSION',
    status: 505,
    problem: 'version is neither HTTP/1.1 nor HTTP/1.0',
  },
  badStatus: {
    code: 'GW_HTTP1_BAD_STATUS',
    status: 400,
    problem: 'status is not a number from 100 to 599',
  },
  badReason: {
    code: 'GW_HTTP1_BAD_REASON',
    status: 400,
    problem: 'reason phrase has an invalid byte',
  },
  bareLf: { code: 'GW_HTTP1_BARE_LF', status: 400, problem: 'line feed without carriage return' },
  bareCr: { code: 'GW_HTTP1_BARE_CR', status: 400, problem: 'carriage return without line feed' },
  badFieldName: {
    code: 'GW_HTTP1_BAD_FIELD_NAME',
    status: 400,
    problem: 'field name is empty or has an invalid byte',
  },
  missingColon: { code: 'GW_HTTP1_MISSING_COLON', status: 400, problem: 'field line has no colon' },
  foldedLine: {
    code: 'GW_HTTP1_FOLDED_LINE',
    status: 400,
    problem: 'field line begins with white space',
  },
  badFieldValue: {
    code: 'GW_HTTP1_BAD_FIELD_VALUE',
    status: 400,
    problem: 'field value has an invalid byte',
  },
  headTooLarge: { code: 'GW_HTTP1_HEAD_TOO_LARGE', status: 431, problem: 'head is too large' },
  tooManyFields: {
    code: 'GW_HTTP1_TOO_MANY_FIELDS',
    status: 431,
    problem: 'head has too many fields',
  },
  missingHost: { code: 'GW_HTTP1_MISSING_HOST', status: 400, problem: 'host is missing' },
  duplicateHost: { code: 'GW_HTTP1_DUPLICATE_HOST', status: 400, problem: 'host is given twice' },
  badHost: {
    code: 'GW_HTTP1_BAD_HOST',
    status: 400,
    problem: 'host is not a name or address with an optional port',
  },
  badContentLength: {
    code: 'GW_HTTP1_BAD_CONTENT_LENGTH',
    status: 400,
    problem: 'content-length is not a number of at most 15 digits',
  },
  duplicateContentLength: {
    code: 'GW_HTTP1_DUPLICATE_CONTENT_LENGTH',
    status: 400,
    problem: 'content-length is given twice',
  },
  badTransferEncoding: {
    code: 'GW_HTTP1_BAD_TRANSFER_ENCODING',
    status: 400,
    problem: 'transfer-encoding does not end in one "chunked"',
  },
  unknownTransferCoding: {
    code: 'GW_HTTP1_UNKNOWN_TRANSFER_CODING',
    status: 501,
    problem: 'transfer-encoding has a coding other than "chunked"',
  },
  duplicateTransferEncoding: {
    code: 'GW_HTTP1_DUPLICATE_TRANSFER_ENCODING',
    status: 400,
    problem: 'transfer-encoding is given twice',
  },
  unexpectedTransferEncoding: {
    code: 'GW_HTTP1_UNEXPECTED_TRANSFER_ENCODING',
    status: 400,
    problem: 'transfer-encoding in an HTTP/1.0 message',
  },
  conflictingLengths: {
    code: 'GW_HTTP1_CONFLICTING_LENGTHS',
    status: 400,
    problem: 'content-length and transfer-encoding together',
  },
  unmetExpectation: {
    code: 'GW_HTTP1_UNMET_EXPECTATION',
    status: 417,
    problem: 'expectation other than "100-continue"',
  },
  badChunkSize: {
    code: 'GW_HTTP1_BAD_CHUNK_SIZE',
    status: 400,
    problem: 'chunk size is not 1 to 13 hexadecimal digits',
  },
  badChunkExtension: {
    code: 'GW_HTTP1_BAD_CHUNK_EXTENSION',
    status: 400,
    problem: 'chunk extension has an invalid byte',
  },
  badChunkEnd: {
    code: 'GW_HTTP1_BAD_CHUNK_END',
    status: 400,
    problem: 'chunk data is longer than its size',
  },
  chunkOverheadTooLarge: {
    code: 'GW_HTTP1_CHUNK_OVERHEAD_TOO_LARGE',
    status: 400,
    problem: 'chunk extensions and trailers are too large',
  },
  badTrailer: {
    code: 'GW_HTTP1_BAD_TRAILER',
    status: 400,
    problem: 'trailers have a field that frames a message',
  },
}

/** Every fault with its detail, for catalogues and tests. */
export const faultDetails: ReadonlyMap<number, FaultDetail> = new Map(
  // The keys of an object literal, which has no others.
  (Object.keys(Fault) as (keyof typeof Fault)[]).map((name) => [Fault[name], details[name]]),
)

/** What to answer and to log. Throws for a number that is not a fault. */
export function describeFault(fault: number): FaultDetail {
  const detail = faultDetails.get(fault)
  if (detail === undefined) throw new RangeError(`${fault} is not a fault`)
  return detail
}
