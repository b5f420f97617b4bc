import { defineMiddleware } from '@gatewright/kernel'
import { errors } from './errors.js'
import { schema } from './options.js'

/** @import { Options } from './options.js' */

/** The middleware type `my-plugin`. */
export const middleware = defineMiddleware({
  type: 'my-plugin',
  schema,
  /** @param {Options} options */
  create({ methods, note }) {
    const allow = methods.join(', ')
    return {
      // On the way in. Return a response to answer at once, throw to answer with an error.
      onRequest({ request: { method } }) {
        if (methods.includes(method)) return
        throw errors.GW_MY_PLUGIN_METHOD({ method }, { headers: ['allow', allow] })
      },
      // On the way out, before anything is sent.
      onResponse(_ctx, response) {
        response.headers.set('x-my-plugin', note)
      },
    }
  },
})
