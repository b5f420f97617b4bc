import { describe, expect, it } from 'vitest'
import { renderChart } from '../src/report/chart.ts'

const bar = { value: 10, min: 9, max: 12, emphasised: false }

describe('renderChart', () => {
  it('draws bars in proportion to their values', () => {
    const svg = renderChart({
      title: 'Times',
      unit: 'µs',
      bars: [
        { ...bar, label: 'a' },
        { ...bar, label: 'b', value: 5 },
      ],
    })

    const [a = 0, b = 0] = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    )
    expect(a / b).toBeCloseTo(2, 1)
  })

  it('lets ours stand out', () => {
    const svg = renderChart({
      title: 'Times',
      unit: 'µs',
      bars: [{ ...bar, label: 'ours', emphasised: true }],
    })

    expect(svg).toContain('class="bar ours"')
  })

  it('escapes what stands in titles and labels', () => {
    const svg = renderChart({ title: '<a> & "b"', unit: 'µs', bars: [{ ...bar, label: 'x < y' }] })

    expect(svg).toContain('&lt;a&gt; &amp; &quot;b&quot;')
    expect(svg).toContain('x &lt; y')
  })
})
