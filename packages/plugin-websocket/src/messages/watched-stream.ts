import { sharedDeadlines, type Timed } from '@gatewright/http1'
import type { BodySource, Exchange, UpgradedStream } from '@gatewright/kernel'
import { closeFrame } from './frame.ts'
import type { Conversation, ConversationEnd, Peer } from './message.ts'
import { MessageStage, type StageHost } from './message-stage.ts'
import { Watchers, type Watching } from './watchers.ts'

/** How long the two ends may take to come to theirs once they were told to. */
const closeTimeoutMs = 2000
const never = Number.POSITIVE_INFINITY
const lost: ConversationEnd = { code: 1006, reason: '', by: undefined }

/** A conversation whose messages somebody looks at. */
export class WatchedStream implements UpgradedStream, Conversation, StageHost, Timed {
  dueAt: number = never
  readonly source: MessageStage
  readonly #inner: UpgradedStream
  readonly #compressed: boolean
  readonly #all: Watching[] = []
  readonly #watchers: Readonly<Record<Peer, Watchers>>
  #client: MessageStage | undefined = undefined
  /** What both are told, if the gateway ends it. */
  #closing: { readonly code: number; readonly reason: string } | undefined = undefined
  #end: ConversationEnd | undefined = undefined
  /** Directions that are over. */
  #over = 0

  constructor(inner: UpgradedStream, compressed: boolean) {
    const close = (code: number, reason: string): void => this.close(code, reason)
    this.#inner = inner
    this.#compressed = compressed
    this.#watchers = { client: new Watchers(close), server: new Watchers(close) }
    this.source = this.#stage('server', inner.source)
  }

  /** Whether the gateway has ended it. */
  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  /** Those who are added first are nearer to the server. */
  add(watching: Watching): void {
    this.#all.push(watching)
    const { from } = watching
    if (from !== 'server') this.#watchers.client.add(watching, true)
    if (from !== 'client') this.#watchers.server.add(watching, false)
  }

  /** The watchers are told the end, at the latest with that of the exchange. */
  begin(exchange: Exchange): void {
    exchange.defer(() => this.#tell(lost))
  }

  connect(client: BodySource): void {
    const stage = this.#stage('client', client)
    this.#client = stage
    if (this.#closing !== undefined) this.#finish(stage, true)
    this.#inner.connect(stage)
  }

  destroy(error?: unknown): void {
    this.#inner.destroy(error)
  }

  close(code: number, reason: string = ''): void {
    if (this.#closing !== undefined) return
    this.#closing = { code, reason }
    this.#tell({ code, reason, by: 'gateway' })
    // Outlives the exchange, which ends with the client: the server may still not have answered.
    this.dueAt = sharedDeadlines.later(closeTimeoutMs)
    sharedDeadlines.add(this)
    this.#finish(this.source, false)
    if (this.#client !== undefined) this.#finish(this.#client, true)
  }

  onClose(from: Peer, code: number, reason: string): void {
    this.#tell({ code, reason, by: from })
  }

  onOver(broken: boolean): void {
    this.#over++
    if (broken || this.#over === 2) this.#tell(lost)
  }

  expire(): void {
    sharedDeadlines.remove(this)
    this.#client?.cancel()
    this.#inner.destroy()
  }

  #stage(from: Peer, source: BodySource): MessageStage {
    const watchers = this.#watchers[from]
    return new MessageStage(source, { from, compressed: this.#compressed, watchers, host: this })
  }

  #finish(stage: MessageStage, masked: boolean): void {
    const { code, reason } = this.#closing ?? lost
    stage.finish(closeFrame(code, reason, masked))
  }

  #tell(end: ConversationEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    for (const { watcher, scope } of this.#all) {
      try {
        watcher.onEnd?.(end)
      } catch (err) {
        scope.log.error({ err }, 'WebSocket watcher failed')
      }
    }
  }
}
