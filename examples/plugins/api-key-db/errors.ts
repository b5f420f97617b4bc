import { defineErrors } from '@gatewright/kernel'

/** Why a request is refused, or a configuration. */
export const errors = defineErrors({
  GW_API_KEY_DB_MISSING: {
    status: 401,
    source: 'client',
    message: () => 'there is no x-api-key',
  },
  GW_API_KEY_DB_UNKNOWN: {
    status: 401,
    source: 'client',
    message: () => 'the key is not known',
  },
  GW_API_KEY_DB_FAILED: {
    status: 503,
    source: 'gateway',
    message: () => 'the keys cannot be looked up',
  },
  GW_API_KEY_DB_FILE: {
    status: 500,
    source: 'config',
    message: (p: { file: string; problem: string }) => `${p.file}: ${p.problem}`,
  },
})
