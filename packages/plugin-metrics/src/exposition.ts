import { type Distribution, type Family, isDistribution, type Sample } from './family.ts'

/** The forms in which families are told. */
export type ExpositionFormat = 'text' | 'openmetrics'

/** What a response says of its form. */
export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** The form that an `Accept` field prefers; plain text if it is unclear. */
export function formatFor(accept: string | undefined): ExpositionFormat {
  let best: ExpositionFormat = 'text'
  let bestWeight = 0
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    const format = type === 'application/openmetrics-text' ? 'openmetrics' : 'text'
    // Of equals, the plain one.
    if (!(weight > bestWeight || (weight === bestWeight && format === 'text'))) continue
    best = format
    bestWeight = weight
  }
  return best
}

/** All families as text. Empty ones are left out. */
export function exposition(families: readonly Family[], format: ExpositionFormat): string {
  const lines: string[] = []
  for (const family of families) {
    if (family.samples.length > 0) writeFamily(family, format, lines)
  }
  if (format === 'openmetrics') lines.push('# EOF')
  return lines.map((line) => `${line}\n`).join('')
}

function writeFamily(family: Family, format: ExpositionFormat, lines: string[]): void {
  const { name, type, help, samples } = family
  // In OpenMetrics a family of counters is named without the suffix that its samples have.
  const bare = type === 'counter' ? name.replace(/_total$/, '') : name
  const title = format === 'openmetrics' ? bare : name
  lines.push(`# HELP ${title} ${escapeHelp(help, format)}`, `# TYPE ${title} ${type}`)
  const sampleName = format === 'openmetrics' && type === 'counter' ? `${bare}_total` : name
  for (const sample of samples.toSorted(byLabels)) {
    const labels = labelsOf(family.labels, sample.labels)
    const { value } = sample
    if (typeof value === 'number') lines.push(`${sampleName}${inBraces(labels)} ${numberOf(value)}`)
    else if (isDistribution(value)) writeDistribution(name, labels, value, lines)
    else {
      lines.push(`${name}_sum${inBraces(labels)} ${numberOf(value.sum)}`)
      lines.push(`${name}_count${inBraces(labels)} ${value.count}`)
    }
  }
}

function writeDistribution(
  name: string,
  labels: readonly string[],
  { bounds, counts, sum }: Distribution,
  lines: string[],
): void {
  let total = 0
  for (const [index, count] of counts.entries()) {
    total += count
    const bound = bounds[index]
    const le = bound === undefined ? '+Inf' : String(bound)
    lines.push(`${name}_bucket${inBraces([...labels, `le="${le}"`])} ${total}`)
  }
  lines.push(`${name}_sum${inBraces(labels)} ${numberOf(sum)}`)
  lines.push(`${name}_count${inBraces(labels)} ${total}`)
}

function labelsOf(names: readonly string[], values: readonly string[]): string[] {
  return names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`)
}

function inBraces(labels: readonly string[]): string {
  return labels.length === 0 ? '' : `{${labels.join(',')}}`
}

/** By bytes, label by label. */
function byLabels(a: Sample, b: Sample): number {
  for (const [index, value] of a.labels.entries()) {
    const order = Buffer.compare(Buffer.from(value), Buffer.from(b.labels[index] ?? ''))
    if (order !== 0) return order
  }
  return 0
}

function numberOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function escapeHelp(help: string, format: ExpositionFormat): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped
}
