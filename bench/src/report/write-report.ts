import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderChart } from './chart.ts'
import { measuredOf, units, valuesOf } from './figures.ts'
import { latestMicro, latestOfEach } from './latest.ts'
import { chartFile, renderPage } from './page.ts'
import type { RunResult, ScenarioResult } from './result.ts'

const root: string = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Writes the result, and the page and the charts of all results that lie beside it. Returns the
 * files.
 *
 * @param output Folder for all of it; `undefined`: their places in the repository.
 */
export async function writeReport(
  result: RunResult,
  output: string | undefined,
): Promise<readonly string[]> {
  const results = join(output ?? join(root, 'bench'), 'results')
  const file = join(results, `${result.date.slice(0, 19).replaceAll(':', '')}.json`)
  await write(file, `${JSON.stringify(result, undefined, 2)}\n`)
  const runs = await readRuns(results)
  const latest = latestOfEach(runs)
  const docs = output ?? join(root, 'docs')
  const page = join(docs, 'performance.md')
  await write(page, renderPage(latest, latestMicro(runs)))
  const charts = latest
    .filter(({ value }) => measuredOf(value).length > 0)
    .map(({ value }) => ({ file: join(docs, chartFile(value)), text: chartOf(value) }))
  await Promise.all(charts.map((chart) => write(chart.file, chart.text)))
  return [file, page, ...charts.map((chart) => chart.file)]
}

async function readRuns(folder: string): Promise<readonly RunResult[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  // Only this harness writes there.
  return texts.map((text) => JSON.parse(text) as RunResult)
}

function chartOf(result: ScenarioResult): string {
  const { title, short } = units[result.metric]
  return renderChart({
    title: `${result.name}: ${title}`,
    unit: short,
    bars: measuredOf(result).map((candidate) => ({
      label: candidate.name,
      value: valuesOf(candidate).median,
      min: valuesOf(candidate).min,
      max: valuesOf(candidate).max,
      emphasised: candidate.name.startsWith('gatewright'),
    })),
  })
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
