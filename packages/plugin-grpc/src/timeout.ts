/** How many milliseconds each unit of `grpc-timeout` has. */
const units: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}

/** A `grpc-timeout` in milliseconds; `undefined` if it is none: at most 8 digits and a unit. */
export function tryTimeout(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  const factor = units[unit ?? '']
  return factor === undefined ? undefined : Number(digits) * factor
}
