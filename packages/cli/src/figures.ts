/**
 * Figures as people read them at a glance.
 *
 * @module
 */

/** What stands where there is no figure. */
export const noFigure = '-'

/** A rate or a count: three digits at least are right. */
export function renderRate(value: number | null): string {
  if (value === null) return noFigure
  if (value === 0) return '0'
  return value < 10 ? value.toFixed(1) : String(Math.round(value))
}

/** A time in the unit that goes with it. */
export function renderMilliseconds(value: number | null): string {
  if (value === null) return noFigure
  if (value < 10) return `${value.toFixed(1)} ms`
  return value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`
}

/** How long something has lasted, in its two greatest units. */
export function renderAge(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [Math.floor(seconds) % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2)
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ')
}
