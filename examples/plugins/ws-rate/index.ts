import { defineMiddleware, definePlugin, figures, note } from '@gatewright/kernel'
import { watchMessages } from '@gatewright/plugin-websocket'
import { countOf, messagesFigure } from './counts.ts'
import { clientLimit, connectionLimit } from './limits.ts'
import { type Options, schema } from './options.ts'

const policyViolation = 1008

const middleware = defineMiddleware<Options>({
  type: 'ws-rate',
  schema,
  create(options, scope) {
    const takeFor = clientLimit(options.client, scope)
    const count = countOf(scope.name)
    return watchMessages(scope, {
      from: 'client',
      // Closes with 1009 by itself.
      maxBytes: options.max_message_bytes,
      // Runs for each connection that the server has accepted.
      open(ctx) {
        const limits = [
          { take: connectionLimit(options), reason: 'too many messages' },
          { take: takeFor(ctx), reason: 'too many messages from this client' },
        ]
        let messages = 0
        return {
          // Runs before a byte of the message is passed on; its content is not looked at.
          onStart() {
            messages += 1
            const exceeded = limits.find(({ take }) => !take())
            if (exceeded === undefined) {
              count.passed += 1
              return undefined
            }
            count.refused += 1
            return { close: policyViolation, reason: exceeded.reason }
          },
          onEnd({ code }) {
            note(ctx, 'messages', messages)
            note(ctx, 'close_code', code)
          },
        }
      },
    })
  },
})

export default definePlugin({
  name: 'ws-rate',
  setup(gateway) {
    gateway.middlewares.register(middleware)
    gateway.registry(figures).register(messagesFigure)
  },
})
