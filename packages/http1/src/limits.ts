/** How much a peer may send and how long it may take. All sizes in bytes. */
export interface Http1Limits {
  /** A method's length. Longer ones are refused with 400. */
  readonly methodBytes: number
  /** A request target's length. Longer ones are refused with 414. */
  readonly targetBytes: number
  /** A request head's length, with the empty line. Longer ones are refused with 431. */
  readonly requestHeadBytes: number
  /** An upstream's response head's length. Longer ones become 502. */
  readonly responseHeadBytes: number
  /** Lines in a head or in the trailers. More are refused with 431, or 502 from an upstream. */
  readonly headerCount: number
  /** Chunk extensions and trailers of one message together. */
  readonly chunkOverheadBytes: number
  /** From the first byte of a head to its last; from the accept for the first head. */
  readonly headerTimeoutMs: number
  /** Without a byte of a request body. */
  readonly uploadIdleMs: number
  /** Without a byte of a response taken by the client. */
  readonly writeStallMs: number
  /** Between two requests on one connection. */
  readonly keepAliveMs: number
  /** Bytes of a request body per second, on average; 0 means any. */
  readonly minUploadRate: number
  /** Bytes of a response taken by the client per second, on average; 0 means any. */
  readonly minDownloadRate: number
  /** How long a client may take before its rates count. */
  readonly minRateGraceMs: number
}

/** What holds if nothing else is configured. */
export const defaultLimits: Http1Limits = {
  methodBytes: 32,
  targetBytes: 8 * 1024,
  requestHeadBytes: 16 * 1024,
  responseHeadBytes: 64 * 1024,
  headerCount: 100,
  chunkOverheadBytes: 4 * 1024,
  headerTimeoutMs: 10_000,
  uploadIdleMs: 60_000,
  writeStallMs: 60_000,
  keepAliveMs: 75_000,
  minUploadRate: 0,
  minDownloadRate: 0,
  minRateGraceMs: 5000,
}
