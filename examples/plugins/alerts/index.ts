import { definePlugin } from '@gatewright/kernel'
import { Alerts } from './alerts.ts'

interface Options {
  readonly url: string
  /** Milliseconds. */
  readonly every: number
  readonly at_most: number
}

export default definePlugin<Options>({
  name: 'alerts',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['url'],
    properties: {
      url: { type: 'string', format: 'uri', description: 'Where alerts are posted as JSON.' },
      every: { duration: true, default: '10s', description: 'How often, if there are some.' },
      at_most: {
        type: 'integer',
        minimum: 1,
        default: 100,
        description: 'How many wait at once; more are counted.',
      },
    },
  },
  setup({ hooks, log }, { url, every, at_most }) {
    const alerts = new Alerts(url, every, at_most, log)
    hooks.response.tap('alerts', ({ route }, { error }) => {
      if (error === undefined || error.source === 'client') return
      alerts.add({ code: error.code, problem: error.message, router: route?.router })
    })
    hooks.close.tapPromise('alerts', () => alerts.flush())
  },
})
