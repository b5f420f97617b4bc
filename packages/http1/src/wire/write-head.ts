import { noRoom } from '../compose/write-field.ts'
import type { Wire } from './wire.ts'

/** Composes a head where it is sent from; one that does not fit there, in a buffer of its own. */
export function writeHead<P>(
  wire: Wire,
  plan: P,
  compose: (out: Buffer, position: number, plan: P) => number,
): void {
  const slab = wire.compose()
  const end = compose(slab.buf, slab.used, plan)
  if (end !== noRoom) return wire.commit(end)
  let size = slab.buf.length
  for (;;) {
    const buf = Buffer.allocUnsafe(size)
    const length = compose(buf, 0, plan)
    if (length !== noRoom) return void wire.write(buf, 0, length)
    size *= 2
  }
}
