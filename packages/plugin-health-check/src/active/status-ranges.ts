import { errors } from '../errors.ts'

/** A set of statuses, made of `200-299, 401`. Throws GW_HEALTH_CHECK_BAD_STATUS. */
export class StatusRanges {
  readonly #ranges: readonly (readonly [first: number, last: number])[]

  /** @param text Numbers and ranges, separated by commas. */
  constructor(text: string) {
    this.#ranges = text.split(',').map((part) => {
      const range = part.trim()
      const [first = 0, last = first] = range.split('-').map(Number)
      if (last < first) throw errors.GW_HEALTH_CHECK_BAD_STATUS({ range }, { option: ['status'] })
      return [first, last]
    })
  }

  has(status: number): boolean {
    return this.#ranges.some(([first, last]) => first <= status && status <= last)
  }
}
