import type { OptionsSchema } from '@gatewright/kernel'

/** No strategy has options of its own: weights stand with the servers. */
export type LoadBalancerOptions = Record<string, never>

/** Shared by all strategies. */
export const schema: OptionsSchema<LoadBalancerOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
}
