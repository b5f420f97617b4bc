import { type Gateway, Stage } from '@gatewright/kernel'

/**
 * Puts other addresses in place of those that entrypoints have. One that is not there is added.
 * Holds for every configuration that the gateway reads, so a reload does not undo it; `addresses`
 * is asked each time.
 */
export function overrideAddresses(
  gateway: Gateway,
  addresses: () => Readonly<Record<string, string>>,
): void {
  gateway.hooks.config.tap({ name: '@gatewright/cli', stage: Stage.last }, (config) => {
    const entrypoints: unknown = config.entrypoints ?? {}
    // Whatever else stands there is refused with its place in the file.
    if (!isRecord(entrypoints)) return config
    const changed = Object.entries(addresses()).flatMap(([name, address]) => {
      const entrypoint = entrypoints[name] ?? {}
      return isRecord(entrypoint) ? [[name, { ...entrypoint, address }]] : []
    })
    return { ...config, entrypoints: { ...entrypoints, ...Object.fromEntries(changed) } }
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
