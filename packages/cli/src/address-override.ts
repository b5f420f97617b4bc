import { type Gateway, Stage } from '@gatewright/kernel'

/**
 * Puts the address of `--listen` in place of that of the entrypoint `web`, which is added if there
 * is none. Holds for every configuration that the gateway reads, so a reload does not undo it.
 */
export function overrideListen(gateway: Gateway, address: string): void {
  gateway.hooks.config.tap({ name: '@gatewright/cli', stage: Stage.last }, (config) => {
    const entrypoints: unknown = config.entrypoints ?? {}
    // Whatever else stands there is refused with its place in the file.
    if (!isRecord(entrypoints)) return config
    const web = entrypoints['web'] ?? {}
    if (!isRecord(web)) return config
    return { ...config, entrypoints: { ...entrypoints, web: { ...web, address } } }
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
