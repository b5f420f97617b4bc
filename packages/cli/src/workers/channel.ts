import cluster from 'node:cluster'
import type { Order, Report } from './messages.ts'

/** What a worker has of its supervisor. */
export interface Channel {
  /** Comes back when the report is on its way, or cannot be. */
  send(report: Report): Promise<void>
  onOrder(listener: (order: Order) => void): void
  /** The supervisor is gone. */
  onClose(listener: () => void): void
}

/** The channel of the present process. */
export class SupervisorChannel implements Channel {
  send(report: Report): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (!process.connected || process.send === undefined) return Promise.resolve()
    // If it does not arrive the supervisor is gone, which shows in another way.
    process.send(report, undefined, undefined, () => resolve())
    return promise
  }

  onOrder(listener: (order: Order) => void): void {
    // Nobody but the supervisor writes to this channel.
    process.on('message', (message) => listener(message as Order))
  }

  onClose(listener: () => void): void {
    const { worker } = cluster
    worker?.on('disconnect', () => {
      // Node would end the process at once, and with it everything that is going on.
      worker.exitedAfterDisconnect = true
      listener()
    })
  }
}
