import { type Attempt, defineBalancer, definePlugin, type Endpoint } from '@gatewright/kernel'
import { ErrorMemory } from './error-memory.ts'

interface Options {
  /** In milliseconds. */
  readonly forget: number
}

const balancer = defineBalancer<Options>({
  type: 'least-errors',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      forget: {
        duration: true,
        default: '10s',
        description: 'After which time an error of a server counts half.',
      },
    },
  },
  create({ forget }) {
    const errors = new ErrorMemory(forget)
    let turn = 0
    return {
      // Called for every try of every request: nothing may wait here.
      pick({ available }, { attempts }) {
        let best: Endpoint | undefined
        let fewest = Number.POSITIVE_INFINITY
        turn += 1
        for (let index = 0; index < available.length; index += 1) {
          // Begins with another one each time, so that those that are alike take turns.
          const endpoint = available[(turn + index) % available.length]
          if (endpoint === undefined) continue
          const count = errors.of(endpoint) + (wasTried(endpoint, attempts) ? 1e9 : 0)
          if (count >= fewest) continue
          best = endpoint
          fewest = count
        }
        return best
      },
      attemptEnded(_exchange, { endpoint, status, error }) {
        if (error?.source === 'client') return
        if (error !== undefined || (status ?? 0) >= 500) errors.add(endpoint)
      },
      attemptBroke(_exchange, { endpoint }) {
        errors.add(endpoint)
      },
    }
  },
})

/** A retry goes to a server that has not been tried, if there is one. */
function wasTried(endpoint: Endpoint, attempts: readonly Attempt[] | undefined): boolean {
  return attempts?.some((attempt) => attempt.endpoint === endpoint) === true
}

export default definePlugin({
  name: 'least-errors',
  setup(gateway) {
    gateway.balancers.register(balancer)
  },
})
