import type { Check } from '../../src/conformance/index.ts'

/** Names of the checks that fail, with the first line of why. */
export async function failingChecks(checks: readonly Check[]): Promise<Record<string, string>> {
  const failing: Record<string, string> = {}
  for (const { name, run } of checks) {
    try {
      await run()
    } catch (error) {
      failing[name] = error instanceof Error ? error.message : String(error)
    }
  }
  return failing
}
