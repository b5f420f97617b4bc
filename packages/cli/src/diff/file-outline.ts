import type { HclDocument } from '@gatewright/config-hcl'
import { Gateway } from '@gatewright/kernel'
import { overrideAddresses } from '../address-override.ts'
import type { ConfigFile } from '../config-file.ts'
import { type Failure, failureOf, invalid } from '../failure.ts'
import { createLog } from '../log.ts'
import { sayMissing } from '../missing-variables.ts'
import type { Output } from '../output.ts'
import type { OtherAddresses } from '../running/messages.ts'
import { addressOf } from '../workers/settled-addresses.ts'
import { isRecord, type Outline, outlineOf } from './outline.ts'

/** How the outline of a file is made. */
export interface FileOutlineOptions {
  readonly key: string
  /** In place of those of the file. */
  readonly addresses: OtherAddresses
  readonly allowMissingEnv: boolean
}

/** The outline of a file that was checked as thoroughly as a start would, or what is wrong. */
export async function outlineOfFile(
  file: ConfigFile,
  { key, addresses, allowMissingEnv }: FileOutlineOptions,
  output: Output,
): Promise<{ readonly outline: Outline } | { readonly failure: Failure }> {
  const log = await createLog('warn', output.stderr, output.json)
  const loader = file.createLoader({ allowMissingEnv })
  await using gateway = new Gateway({ log, loader })
  let inPlace: Readonly<Record<string, string>> = {}
  overrideAddresses(gateway, () => inPlace)
  let document: HclDocument | undefined
  try {
    document = await file.read({ allowMissingEnv })
    inPlace = addressesFor(document, addresses)
    const failure = invalid(await gateway.validate(document), document)
    // Problems with values that are not known were left out.
    if (failure.diagnostics.length > 0) return { failure }
    sayMissing(document, output)
    const understood = await gateway.understand(document)
    return { outline: await outlineOf(understood, document.missing, loader, key) }
  } catch (error) {
    return { failure: failureOf(error, document) }
  }
}

function addressesFor(
  { config }: HclDocument,
  { given, chosen }: OtherAddresses,
): Readonly<Record<string, string>> {
  const { entrypoints } = config
  const fitting = chosen.filter(({ entrypoint, written }) => {
    return isRecord(entrypoints) && addressOf(entrypoints[entrypoint]) === written
  })
  return {
    ...Object.fromEntries(fitting.map(({ entrypoint, address }) => [entrypoint, address])),
    ...given,
  }
}
