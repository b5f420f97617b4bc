import { sharedDeadlines, type Timed } from '@gatewright/http1'
import type { WebSocket } from 'ws'
import type { Hub } from './hub.ts'
import type { MuxSettings } from './options.ts'
import { Outbox } from './outbox.ts'
import { type ChannelAction, type Permission, Session, type SessionHost } from './session.ts'
import { TokenBucket } from './token-bucket.ts'

const never = Number.POSITIVE_INFINITY
/** What is given to the stream below at once; the rest waits in the outbox, where it can be lost. */
const windowBytes = 16 * 1024
/** Whoever asks so often without reading an answer gets none any more. */
const maxReplies = 256

/** Close codes (RFC 6455 section 7.4.1). */
const goingAway = 1001
const unsupportedData = 1003

/** Decides whether the client of one connection may do something. */
export type Permit = (
  action: ChannelAction,
  channel: string,
  payload: string | undefined,
) => Permission

/** One client of a multiplexer. */
export class MuxConnection implements SessionHost, Timed {
  dueAt: number = never
  readonly permits: Permit
  readonly #socket: WebSocket
  readonly #session: Session
  readonly #outbox: Outbox
  readonly #bucket: TokenBucket
  readonly #pingMs: number
  readonly #idleMs: number
  #pingAt = never
  #idleAt = never
  /** Frames that came while another one was waited for; what one read brings at most. */
  #inbox: string[] = []
  #waiting = false
  /** Something has come since the last ping. */
  #alive = true
  readonly #onSent = (): void => this.#flush()

  constructor(socket: WebSocket, hub: Hub, settings: MuxSettings, permits: Permit) {
    const { max_channels: maxChannels, echo, ping_interval: pingMs } = settings
    this.permits = permits
    this.#socket = socket
    this.#session = new Session(hub, this, { maxChannels, echo })
    this.#outbox = new Outbox(settings.buffer, settings.max_buffered_bytes, () => hub.lose())
    this.#bucket = new TokenBucket(settings.rate, settings.burst, performance.now())
    this.#pingMs = pingMs
    this.#idleMs = settings.idle_timeout
    socket.on('message', (data: Buffer, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => {
      this.#alive = true
    })
    // It closes by itself then, with the code that fits.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#leave())
    this.#pingAt = sharedDeadlines.later(pingMs)
    this.#moved()
    sharedDeadlines.add(this)
  }

  /** Tells the client to go, and to come back if it likes. */
  drain(): void {
    this.#close(goingAway, 'going away')
  }

  deliver(channel: string, frame: Buffer): void {
    this.#outbox.addMessage(channel, frame)
    this.#flush()
  }

  reply(text: string): void {
    if (this.#outbox.replies >= maxReplies) return this.#socket.terminate()
    this.#outbox.addReply(Buffer.from(text))
    this.#flush()
  }

  expire(now: number): void {
    if (this.#idleAt <= now) return this.#close(goingAway, 'idle')
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#pingAt = sharedDeadlines.later(this.#pingMs)
    this.dueAt = Math.min(this.#pingAt, this.#idleAt)
    this.#socket.ping()
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#alive = true
    this.#moved()
    if (isBinary) return this.#close(unsupportedData, 'text frames only')
    if (!this.#bucket.take(performance.now())) return this.reply('_error:rate limit exceeded')
    const text = data.toString()
    if (this.#waiting) this.#inbox.push(text)
    else this.#take(text)
  }

  #take(text: string): void {
    const pending = this.#session.take(text)
    if (pending === undefined) return
    this.#waiting = true
    this.#socket.pause()
    const goOn = (): void => this.#goOn()
    pending.then(goOn, goOn)
  }

  #goOn(): void {
    this.#waiting = false
    while (!this.#waiting) {
      const text = this.#inbox.shift()
      if (text === undefined) return this.#socket.resume()
      this.#take(text)
    }
  }

  /** Gives on what the client can take. */
  #flush(): void {
    const socket = this.#socket
    while (socket.readyState === socket.OPEN && socket.bufferedAmount < windowBytes) {
      const bytes = this.#outbox.take()
      if (bytes === undefined) return
      this.#moved()
      socket.send(bytes, { binary: false }, this.#onSent)
    }
  }

  /** A message went one way or the other. */
  #moved(): void {
    this.#idleAt = sharedDeadlines.later(this.#idleMs)
    this.dueAt = Math.min(this.#pingAt, this.#idleAt)
  }

  #close(code: number, reason: string): void {
    this.#leave()
    this.#socket.close(code, reason)
  }

  #leave(): void {
    this.#session.close()
    this.#outbox.clear()
    this.#inbox = []
    this.dueAt = never
    sharedDeadlines.remove(this)
  }
}
