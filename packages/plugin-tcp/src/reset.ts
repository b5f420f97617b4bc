import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { resetSocket } from '@gatewright/http1'

/** Closes at once, so that the other side cannot take what it got for all there was. */
export function reset(stream: Duplex): void {
  if (stream instanceof Socket) resetSocket(stream)
  else stream.destroy()
}
