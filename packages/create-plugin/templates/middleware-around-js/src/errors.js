import { defineErrors } from '@gatewright/kernel'

/** What this plugin answers instead of passing a request on. */
export const errors = defineErrors({
  GW_MY_PLUGIN_FULL: {
    status: 503,
    source: 'gateway',
    atCapacity: true,
    /** @param {{ max: number }} p */
    message: (p) => `${p.max} requests are waiting for a response already`,
  },
})
