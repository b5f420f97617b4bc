import type { TestGateway } from '@gatewright/testing'
import { metricsOf } from '../src/index.ts'

/** What the gateway tells, by name and labels. */
export async function scrape({ gateway }: TestGateway): Promise<Readonly<Record<string, number>>> {
  const text = (await metricsOf(gateway)?.text()) ?? ''
  const values: Record<string, number> = {}
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const at = line.lastIndexOf(' ')
    values[line.slice(0, at)] = Number(line.slice(at + 1))
  }
  return values
}
