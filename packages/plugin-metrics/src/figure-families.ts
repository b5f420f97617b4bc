import {
  type Figure,
  type FigureSample,
  logRarely,
  type Registry,
  type Scope,
  type Snapshot,
  titleOfFactory,
} from '@gatewright/kernel'
import type { Family } from './family.ts'

/** What the figures of plugins are read with. */
export interface FigureReading {
  readonly snapshot: Snapshot
  /** What a server is called. */
  readonly nameOf: (url: URL) => string
  readonly log: Scope['log']
}

/** It is asked for again and again, and says the same each time. */
const tellEveryMs = 3_600_000

/** What other plugins count, as families; those that the configuration does not use are left out. */
export function figureFamilies(figures: Registry<Figure>, reading: FigureReading): Family[] {
  return figures.types().flatMap((type) => {
    const figure = figures.get(type)
    const { kind, help, labels, across = 'sum' } = figure
    try {
      const samples = samplesOf(figure, reading)
      return [{ name: type, type: kind, help, labels, across, samples }]
    } catch (error) {
      tell(figure, reading, 'a figure could not be read', { err: error })
      return []
    }
  })
}

/** Those that can be shown; a series that is there twice would cost all numbers of the gateway. */
function samplesOf(figure: Figure, reading: FigureReading): FigureSample[] {
  const place = figure.labels.indexOf('backend')
  const found = new Map<string, FigureSample>()
  for (const given of figure.read(reading.snapshot)) {
    const problem = flawOf(given, figure)
    if (problem !== undefined) {
      tell(figure, reading, 'a figure has samples that are left out', { problem })
      continue
    }
    const sample = place < 0 ? given : renamed(given, place, reading.nameOf)
    const key = JSON.stringify(sample.labels)
    if (found.has(key)) {
      const twice = { problem: `the labels ${key} are there twice; the first value counts` }
      tell(figure, reading, 'a figure has samples that are left out', twice)
    } else found.set(key, sample)
  }
  return [...found.values()]
}

/** What is wrong with a sample; plugins in plain JavaScript have no compiler to tell them. */
function flawOf({ labels, value }: FigureSample, figure: Figure): string | undefined {
  const { labels: names } = figure
  if (!Array.isArray(labels) || labels.length !== names.length) {
    const expected = names.length === 0 ? 'none' : names.join(', ')
    return `its labels are ${JSON.stringify(labels)}; expected one for each of: ${expected}`
  }
  const place = labels.findIndex((label: unknown) => typeof label !== 'string')
  if (place >= 0) {
    return `its label "${names[place]}" is ${JSON.stringify(labels[place])}; expected text`
  }
  return Number.isFinite(value) ? undefined : `its value is ${value}; expected a number`
}

function tell(
  figure: Figure,
  { log }: FigureReading,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  const owner = titleOfFactory(figure)
  logRarely(log, {
    level: 'warn',
    subject: `${figure.type} ${message}`,
    message,
    intervalMs: tellEveryMs,
    fields: () => ({ figure: figure.type, owner, ...fields }),
  })
}

/** Servers are called alike, whoever tells of them. */
function renamed(sample: FigureSample, place: number, nameOf: (url: URL) => string): FigureSample {
  const url = URL.parse(sample.labels[place] ?? '')
  return url === null ? sample : { ...sample, labels: sample.labels.with(place, nameOf(url)) }
}
