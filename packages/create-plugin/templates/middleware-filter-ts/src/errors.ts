import { defineErrors } from '@gatewright/kernel'

/** What this plugin answers instead of passing a request on. */
export const errors = defineErrors({
  GW_MY_PLUGIN_METHOD: {
    status: 405,
    source: 'client',
    message: (p: { method: string }) => `method ${p.method} is not allowed here`,
  },
})
