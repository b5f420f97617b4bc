/** Which columns of a table hold numbers, which stand at the right. */
export type Alignment = 'left' | 'right'

/** Rows under headings in capitals, in columns that are as wide as they must be. */
export function renderColumns(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): string {
  const lines = [headings.map((heading) => heading.toUpperCase()), ...rows]
  const widths = headings.map((_, index) =>
    Math.max(...lines.map((cells) => cells[index]?.length ?? 0)),
  )
  const renderCell = (cell: string, index: number): string => {
    const width = widths[index] ?? 0
    return alignments[index] === 'right' ? cell.padStart(width) : cell.padEnd(width)
  }
  return lines.map((cells) => cells.map(renderCell).join('  ').trimEnd()).join('\n')
}
