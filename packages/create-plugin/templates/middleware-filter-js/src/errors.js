import { defineErrors } from '@gatewright/kernel'

/** What this plugin answers instead of passing a request on. */
export const errors = defineErrors({
  GW_MY_PLUGIN_METHOD: {
    status: 405,
    source: 'client',
    /** @param {{ method: string }} p */
    message: (p) => `method ${p.method} is not allowed here`,
  },
})
