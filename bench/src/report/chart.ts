import { formatNumber } from './figures.ts'

/** One bar of a chart. */
export interface ChartBar {
  readonly label: string
  readonly value: number
  /** The range that is drawn as a thin line. */
  readonly min: number
  readonly max: number
  /** Ours stand out. */
  readonly emphasised: boolean
}

/** What a chart shows. */
export interface Chart {
  readonly title: string
  /** Written behind each value. */
  readonly unit: string
  readonly bars: readonly ChartBar[]
}

const width = 760
const labelWidth = 190
const valueWidth = 130
const rowHeight = 26
const barHeight = 16
const headHeight = 40
const barWidth = width - labelWidth - valueWidth

/** Draws horizontal bars, as an SVG that can be read on light and dark pages. */
export function renderChart({ title, unit, bars }: Chart): string {
  const height = headHeight + bars.length * rowHeight + 8
  const longest = Math.max(...bars.map(({ max }) => max))
  const rows = bars.map((bar, index) => renderRow(bar, index, longest, unit))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.bar { fill: #8c959f }
.ours { fill: #0969da }
.range { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.bar { fill: #6e7681 }
.ours { fill: #2f81f7 }
.range { stroke: #e6edf3 }
}
</style>
<text class="title" x="0" y="20">${escape(title)}</text>
${rows.join('\n')}
</svg>
`
}

function renderRow(bar: ChartBar, index: number, longest: number, unit: string): string {
  const top = headHeight + index * rowHeight
  const middle = top + barHeight / 2
  const [min, end, max] = [bar.min, bar.value, bar.max].map((value) => scale(value, longest))
  const kind = bar.emphasised ? 'bar ours' : 'bar'
  return `<text x="0" y="${middle + 5}">${escape(bar.label)}</text>
<rect class="${kind}" x="${labelWidth}" y="${top}" width="${end}" height="${barHeight}" rx="2"/>
<path class="range" d="M${labelWidth + (min ?? 0)} ${middle}H${labelWidth + (max ?? 0)}"/>
<text x="${labelWidth + (max ?? 0) + 8}" y="${middle + 5}">${formatNumber(bar.value)} ${escape(unit)}</text>`
}

function scale(value: number, longest: number): number {
  return Math.round((value / longest) * barWidth * 10) / 10
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
