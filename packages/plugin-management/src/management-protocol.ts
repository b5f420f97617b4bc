import { defineProtocol, type ProtocolFactory, type RunningGateway } from '@gatewright/kernel'
import { ManagementServer } from './management-server.ts'
import { type ManagementOptions, schema } from './options.ts'

/** What the listener of a `management` block speaks. Not for entrypoints. */
export function managementProtocol(running: RunningGateway): ProtocolFactory<ManagementOptions> {
  return defineProtocol({
    type: 'management',
    kind: 'http',
    network: 'tcp',
    schema,
    create: (address, options, _ingress, scope) =>
      new ManagementServer(address, options, running, scope),
  })
}
