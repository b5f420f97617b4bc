/**
 * Hashes for spreading, not for secrets: the same everywhere and at all times, so that gateways that
 * do not know of each other choose alike. They have 31 bits, since V8 makes an object of a number
 * with more.
 *
 * @module
 */

/** Hashes are from 0 to below this. */
export const hashLimit: number = 2 ** 31

/** Of a part of a text, without cutting it out: FNV-1a over its code units, then {@link mixHash}. */
export function hashText(text: string, start: number = 0, end: number = text.length): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mixHash(hash)
}

/**
 * Another hash, in which every bit depends on every bit of the given one (the last step of
 * MurmurHash3): FNV-1a alone hardly moves the high bits when the end of a text changes.
 */
export function mixHash(hash: number): number {
  let mixed = hash
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 1
}
