import { type Gateway, errors as kernelErrors } from '@gatewright/kernel'

/**
 * Keeps plugins from ending the process: an attempt is an error in the plugin.
 * @returns What undoes it.
 */
export function forbidExits(gateway: Gateway): () => void {
  const exit = process.exit.bind(process)
  const abort = process.abort.bind(process)
  const refuse = (what: string): void => {
    const plugin = gateway.strays.ownerOfStack(new Error(what).stack ?? '')
    if (plugin !== undefined) throw kernelErrors.GW_PLUGIN_FORBIDDEN({ plugin, what })
  }
  process.exit = (code) => {
    refuse('process.exit')
    return exit(code)
  }
  process.abort = () => {
    refuse('process.abort')
    return abort()
  }
  return () => Object.assign(process, { exit, abort })
}
