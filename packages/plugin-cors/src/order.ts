import type { PlacedMiddleware } from '@gatewright/kernel'

/** Types that answer 401 to whoever brings no credentials, which preflights never do. */
const askForCredentials = new Set(['api-key', 'basic-auth', 'forward-auth', 'jwt'])

/** Says that preflights get 401, because credentials are asked for before. */
export function adviceOnOrder(before: readonly PlacedMiddleware[]): string | undefined {
  const asking = before.find(({ type, dryRun }) => !dryRun && askForCredentials.has(type))
  if (asking === undefined) return undefined
  return `preflights are refused by "${asking.name}" before they reach the middleware "cors"`
}
