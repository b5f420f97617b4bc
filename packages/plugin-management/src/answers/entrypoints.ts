import type { RunningGateway } from '@gatewright/kernel'
import type { ProcessState } from '../process-state.ts'

/** An entrypoint and what goes on there. */
export interface EntrypointAnswer {
  readonly name: string
  /** Where it listens; as it is configured while it does not. */
  readonly address: string
  readonly port: number | null
  readonly protocol: string
  readonly open_connections: number
}

/** The entrypoints of the configuration, in its order. */
export function entrypointsOf(
  running: RunningGateway,
  processes: readonly ProcessState[],
): EntrypointAnswer[] {
  const { addresses, snapshot } = running
  return Object.entries(snapshot.config.entrypoints).map(([name, { address, protocol }]) => {
    const bound = addresses.get(name)
    return {
      name,
      address: bound?.address ?? address,
      port: bound?.port ?? null,
      protocol,
      open_connections: processes.reduce((sum, { open }) => sum + (open[name] ?? 0), 0),
    }
  })
}
