import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Closes at once, so that the other side cannot take what it got for all there was. */
export function reset(stream: Duplex): void {
  // The first alone would wait until everything that was written is out.
  if (stream instanceof Socket) stream.resetAndDestroy()
  stream.destroy()
}
