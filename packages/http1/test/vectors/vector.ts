/** Bytes from a peer and what must become of them. */
export interface Vector {
  readonly name: string
  /** One character for each byte. */
  readonly bytes: string
  /** `complete`, `incomplete`, `preface`, or the code of the fault. */
  readonly outcome: string
}

/** A vector from a row of a table. */
export type Row = readonly [name: string, bytes: string, outcome: string]

/** Rows as vectors; a code without its prefix gets it. */
export function vectors(rows: readonly Row[]): Vector[] {
  return rows.map(([name, bytes, outcome]) => ({
    name,
    bytes,
    outcome: /^[A-Z]/.test(outcome) ? `GW_HTTP1_${outcome}` : outcome,
  }))
}
