import type { RemoteInfo, Socket } from 'node:dgram'
import {
  type Ingress,
  type ListenAddress,
  logRarely,
  type ProtocolServer,
  type Scope,
} from '@gatewright/kernel'
import type { DatagramCounts } from './datagram-counts.ts'
import { listeningSocket } from './listening-socket.ts'
import type { UdpEntrypointOptions } from './options.ts'
import { type SessionHost, UdpSession } from './udp-session.ts'
import { maxQueuedBytes } from './upstream-flow.ts'

/** A full table is not searched for sessions that are over more often than that. */
const searchIntervalMs = 250

/** The listener of one UDP entrypoint, and its sessions. */
export class UdpServer implements ProtocolServer<UdpEntrypointOptions>, SessionHost {
  readonly ingress: Ingress
  readonly log: Scope['log']
  readonly counts: DatagramCounts
  entrypoint: string
  idleTimeoutMs = 0
  responses = 0
  localAddress = ''
  localPort = 0
  readonly #address: ListenAddress
  readonly #share: number
  readonly #sessions = new Map<string, UdpSession>()
  #maxSessions = 0
  #socket: Socket | undefined = undefined
  #searchedAt = Number.NEGATIVE_INFINITY

  constructor(
    address: ListenAddress,
    options: UdpEntrypointOptions,
    ingress: Ingress,
    { name, log, share }: Pick<Scope, 'name' | 'log' | 'share'>,
    counts: DatagramCounts,
  ) {
    this.counts = counts
    this.#address = address
    this.#share = share
    this.ingress = ingress
    this.log = log
    this.entrypoint = name
    this.configure(options, name)
  }

  async listen(): Promise<{ readonly address: string; readonly port: number }> {
    const socket = await listeningSocket(this.#address)
    const { address, port } = socket.address()
    this.#socket = socket
    this.localAddress = address
    this.localPort = port
    socket.on('error', (error) => this.log.error({ err: error }, 'listener failed'))
    socket.on('message', (datagram, from) => this.#onDatagram(datagram, from))
    return { address, port }
  }

  configure(options: UdpEntrypointOptions, entrypoint: string): void {
    this.entrypoint = entrypoint
    this.idleTimeoutMs = options.udp_session_timeout_secs * 1000
    this.responses = options.udp_responses ?? Number.POSITIVE_INFINITY
    this.#maxSessions = Math.ceil(options.udp_max_sessions * this.#share)
  }

  async release(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  /** Nothing tells whether a session is over, so none is waited for. */
  async drain(): Promise<void> {
    await this.release()
    for (const session of this.#sessions.values()) session.end('drained')
  }

  send(datagram: Uint8Array, port: number, address: string): void {
    const socket = this.#socket
    if (socket === undefined || socket.getSendQueueSize() > maxQueuedBytes) return
    socket.send(datagram, port, address)
  }

  closed(session: UdpSession): void {
    this.#sessions.delete(session.key)
  }

  #onDatagram(datagram: Buffer, { address, port }: RemoteInfo): void {
    // Closed in the meantime; or nobody can be answered there.
    if (this.#socket === undefined || port === 0) return
    const key = `${address} ${port}`
    const known = this.#sessions.get(key)
    if (known?.outlived === true) known.end('unhealthy')
    else if (known !== undefined) return known.fromClient(datagram)
    if (!this.#hasRoom()) {
      this.#tellOfDrop(address)
      return
    }
    const session = new UdpSession(key, address, port, this)
    this.#sessions.set(key, session)
    session.begin()
    session.fromClient(datagram)
  }

  #tellOfDrop(remoteAddress: string): void {
    const limit = this.#maxSessions
    const reason = 'too many sessions'
    const message = 'datagrams are dropped'
    const fields = (): Record<string, unknown> => ({ reason, limit, remoteAddress })
    logRarely(this.log, { level: 'warn', subject: message, message, fields })
  }

  #hasRoom(): boolean {
    if (this.#sessions.size < this.#maxSessions) return true
    const now = performance.now()
    if (now - this.#searchedAt < searchIntervalMs) return false
    this.#searchedAt = now
    for (const session of this.#sessions.values()) if (session.dueAt <= now) session.expire()
    return this.#sessions.size < this.#maxSessions
  }
}
