import { defineErrors } from '@gatewright/kernel'

/** What clients are told whose country is not served. */
export const errors = defineErrors({
  GW_GEO_BLOCK_COUNTRY: {
    status: 403,
    source: 'client',
    message: (p: { country: string }) => `requests from ${p.country} are not served`,
  },
})
