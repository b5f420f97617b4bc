import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_MIRROR_TIMEOUT: {
    status: 504,
    source: 'upstream',
    message: (p: { shadow: string; timeoutMs: number }) =>
      `the copy for service "${p.shadow}" was not done within ${p.timeoutMs} ms`,
    hint: 'raise timeout of the mirror block, or give the shadow more servers',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a copy is given up. No client sees any of them. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
