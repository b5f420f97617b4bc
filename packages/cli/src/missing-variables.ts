import type { HclDocument } from '@gatewright/config-hcl'
import type { Output } from './output.ts'

/** Tells people which variables are not set, so that what depends on them was not looked at. */
export function sayMissing({ missing }: HclDocument, output: Output): void {
  const names = [...new Set(missing.map(({ variable }) => variable))].toSorted()
  if (names.length > 0 && !output.json)
    output.print(`  Not set, so not checked: ${names.join(', ')}`)
}
