import type { HclDocument } from '@gatewright/config-hcl'
import { Gateway, redactedConfig } from '@gatewright/kernel'
import { ConfigFile } from './config-file.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { failureOf, invalid, reportFailure } from './failure.ts'
import { type Listed, type ListingName, listedOf, listings, renderTable } from './listings.ts'
import { createLog } from './log.ts'
import type { Output } from './output.ts'
import { renderSummary } from './summary.ts'

/** What `config` can show. */
export type ConfigView = 'summary' | 'json' | ListingName

/** Shows what a configuration says, with all defaults and without secrets. */
export async function showConfig(
  view: ConfigView,
  path: string | undefined,
  output: Output,
): Promise<ExitCode> {
  const file = new ConfigFile(path)
  const log = await createLog('warn', output.stderr, output.json)
  const loader = file.createLoader()
  await using gateway = new Gateway({ log, loader })
  let document: HclDocument | undefined
  try {
    document = await file.read()
    const understood = await gateway.understand(document)
    const { blueprint, problems } = understood
    if (problems.length > 0) return reportFailure(invalid(problems, document), output)
    const config = await redactedConfig(understood, loader)
    show(view, listedOf(blueprint, config), output)
    return exitCodes.ok
  } catch (error) {
    return reportFailure(failureOf(error, document), output)
  }
}

function show(view: ConfigView, listed: Listed, output: Output): void {
  if (view === 'json') return output.printJson(listed.config)
  if (view !== 'summary') {
    const rows = listings[view](listed)
    return output.json ? output.printJson(rows) : output.print(renderTable(rows))
  }
  if (!output.json) return output.print(renderSummary(listed))
  const parts = Object.entries(listings).map(([name, list]) => [name, list(listed)] as const)
  output.printJson(Object.fromEntries(parts))
}
