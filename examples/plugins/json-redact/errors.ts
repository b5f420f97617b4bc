import { defineErrors } from '@gatewright/kernel'

/** Why a response is not passed on. Clients get the status; the message stands in the log. */
export const errors = defineErrors({
  GW_JSON_REDACT_ENCODED: {
    status: 502,
    source: 'upstream',
    message: () => 'the service compressed its response although it was not asked to',
  },
  GW_JSON_REDACT_INVALID: {
    status: 502,
    source: 'upstream',
    message: () => 'the response says that it is JSON, and is not',
  },
  GW_JSON_REDACT_TOO_LARGE: {
    status: 502,
    source: 'upstream',
    message: (p: { max: number }) => `the response is larger than ${p.max} bytes`,
  },
})
