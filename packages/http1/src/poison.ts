/**
 * Overwrites shared buffers once they are free again, so that whoever still looks at them shows at
 * once. For tests: `GATEWRIGHT_POISON=1`, read when this module is loaded. Everybody who gives a
 * buffer back to others calls {@link poison}, which does nothing without it.
 *
 * @module
 */

/** `~`, which no test message has. */
const poisonByte = 0x7e

/** Whether free buffers are overwritten. */
export const poisoning: boolean = process.env['GATEWRIGHT_POISON'] === '1'

/** Overwrites `buf[start, end)`, which nobody may look at any more. */
export const poison: (buf: Uint8Array, start: number, end: number) => void = poisoning
  ? overwrite
  : ignore

/** As {@link poison}, whatever the environment says. */
export function overwrite(buf: Uint8Array, start: number, end: number): void {
  buf.fill(poisonByte, start, end)
}

function ignore(): void {
  // A buffer that is free keeps its bytes.
}
