import { defineServiceFeature } from '@gatewright/kernel'
import { schema } from './options.js'

/** @import { Options } from './options.js' */

/** The block `my_plugin` of services. */
export const feature = defineServiceFeature({
  type: 'my_plugin',
  // Beside `load_balancer`; 'load_balancer' would be in it.
  parent: 'service',
  schema,
  // Among the features of a service, lower is further out.
  stage: 0,
  /** @param {Options} options */
  create({ header }) {
    return {
      // An `around`, as of middlewares, or a `wrapBalancer` could stand here as well.
      onResponse(_ctx, { endpoint }, response) {
        response.headers.set(header, endpoint.url.host)
      },
    }
  },
})
