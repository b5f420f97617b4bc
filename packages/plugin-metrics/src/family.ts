/** How the observations of a histogram are spread. */
export interface Distribution {
  /** Upper bounds, without the one of +Inf. */
  readonly bounds: readonly number[]
  /** How many fell into each, not cumulated; one more than there are bounds. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** What was sampled of something that is too frequent to be looked at each time. */
export interface Sampled {
  readonly count: number
  readonly sum: number
}

/** One time series as it is at the moment. */
export interface Sample<V = number | Distribution | Sampled> {
  /** One for each label of the family. */
  readonly labels: readonly string[]
  readonly value: V
}

/** All series of one name. Survives JSON, since processes tell each other theirs. */
export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly help: string
  readonly labels: readonly string[]
  /** What stands for all processes. */
  readonly across: 'sum' | 'max' | 'min'
  readonly samples: readonly Sample[]
}

/** Tells the values apart. */
export function isDistribution(value: Sample['value']): value is Distribution {
  return typeof value === 'object' && 'bounds' in value
}
