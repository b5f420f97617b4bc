import type { Transform } from 'node:stream'
import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  type Deflate,
  type Gzip,
  type ZstdCompress,
} from 'node:zlib'
import type { Coding, Levels } from './options.ts'

/** A window of 256 KiB: what more would gain in text is little, and each encoder has its own. */
const windowBits = 18

/** A stream that compresses in the thread pool, so that the event loop does not wait for it. */
export interface Encoder {
  readonly stream: Transform
  /** Sends what has been written so far. */
  flush(): void
}

/** Begins to compress one body. */
export function createEncoder(coding: Coding, levels: Levels): Encoder {
  switch (coding) {
    case 'br':
      return encoder(brotli(levels.br), constants.BROTLI_OPERATION_FLUSH)
    case 'zstd':
      return encoder(zstd(levels.zstd), constants.ZSTD_e_flush)
    case 'gzip':
      return encoder(createGzip({ level: levels.gzip }), constants.Z_SYNC_FLUSH)
    case 'deflate':
      // With the zlib wrapper, as RFC 9110 section 8.4.1.2 has it.
      return encoder(createDeflate({ level: levels.deflate }), constants.Z_SYNC_FLUSH)
  }
}

function brotli(level: number): BrotliCompress {
  return createBrotliCompress({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: level,
      [constants.BROTLI_PARAM_LGWIN]: windowBits,
    },
  })
}

function zstd(level: number): ZstdCompress {
  return createZstdCompress({
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: windowBits,
    },
  })
}

function encoder(stream: BrotliCompress | ZstdCompress | Gzip | Deflate, kind: number): Encoder {
  return {
    stream,
    flush: () => {
      if (!stream.writableEnded && !stream.destroyed) stream.flush(kind)
    },
  }
}
