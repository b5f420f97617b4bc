import { isThenable, type Scope } from '@gatewright/kernel'
import type {
  CloseVerdict,
  DropVerdict,
  MessageStart,
  MessageWatcher,
  Peer,
  ReplaceVerdict,
  WholeMessage,
} from './message.ts'

/** One who watches a conversation, and what for. */
export interface Watching {
  readonly from: Peer | undefined
  readonly maxBytes: number
  readonly content: boolean
  readonly watcher: MessageWatcher
  readonly scope: Pick<Scope, 'dryRun' | 'log'>
}

/** What becomes of a message; `stop` if the conversation is over. */
export type Passage = 'pass' | 'hold' | 'drop' | 'stop'

/** Ends a conversation. */
export type Close = (code: number, reason: string) => void

const tooBig: CloseVerdict = { close: 1009, reason: 'message too big' }
const failed: CloseVerdict = { close: 1011, reason: 'internal error' }

/** Those who watch the messages of one end. The first one who objects decides. */
export class Watchers {
  readonly #all: Watching[] = []
  /** Who waits for the end of the present message. */
  #readers: Watching[] = []
  readonly #close: Close

  constructor(close: Close) {
    this.#close = close
  }

  /** @param first Whether the messages come by it before the others. */
  add(watching: Watching, first: boolean): void {
    if (first) this.#all.unshift(watching)
    else this.#all.push(watching)
  }

  begin(message: MessageStart): Passage {
    this.#readers = []
    for (const one of this.#all) {
      const passage = this.#carryOut(one, askStart(one, message))
      if (passage === 'drop' || passage === 'stop') return passage
      if (one.content) this.#readers.push(one)
    }
    return this.#readers.length === 0 ? 'pass' : 'hold'
  }

  /** The present message was of so many bytes, and is of more. `pass` if nobody waits for its end. */
  grow(from: number, to: number): Passage {
    for (const one of this.#all) {
      if (to <= one.maxBytes || from > one.maxBytes) continue
      if (this.#carryOut(one, tooBig) === 'stop') return 'stop'
      // A dry run: nobody else is kept from the message.
      if (one.content) this.#readers = this.#readers.filter((reader) => reader !== one)
    }
    return this.#readers.length === 0 ? 'pass' : 'hold'
  }

  /** The present message is complete. Returns what is passed on, if anything is. */
  finish(message: WholeMessage): Uint8Array | undefined {
    let present = message
    for (const one of this.#readers) {
      const passage = this.#carryOut(one, askWhole(one, present))
      if (passage === 'drop' || passage === 'stop') return undefined
      if (passage === 'pass') continue
      const { replace } = passage
      present = { ...present, data: Buffer.from(replace) }
    }
    return present.data
  }

  #carryOut(
    { scope: { dryRun, log } }: Watching,
    verdict: unknown,
  ): 'pass' | 'drop' | 'stop' | ReplaceVerdict {
    if (verdict === undefined) return 'pass'
    if (dryRun) {
      // What is said is nothing for a log.
      const fields = isClose(verdict) ? verdict : { drop: isDrop(verdict) }
      log.info(fields, 'dry run: would not have passed a message on as it is')
      return 'pass'
    }
    if (isDrop(verdict)) return 'drop'
    if (isReplacement(verdict)) return verdict
    const { close, reason = '' } = isClose(verdict) ? verdict : failed
    this.#close(close, reason)
    return 'stop'
  }
}

function askStart(watching: Watching, message: MessageStart): unknown {
  try {
    return checked(watching, watching.watcher.onStart?.(message))
  } catch (error) {
    return failure(watching, error)
  }
}

function askWhole(watching: Watching, message: WholeMessage): unknown {
  try {
    return checked(watching, watching.watcher.onMessage?.(message))
  } catch (error) {
    return failure(watching, error)
  }
}

/** What a watcher may not say is a failure. */
function checked(watching: Watching, verdict: unknown): unknown {
  if (verdict === undefined || verdict === null) return undefined
  if (isVerdict(verdict)) return verdict
  // Its rejection would end the process.
  if (isThenable(verdict)) verdict.then(undefined, () => undefined)
  return failure(watching, new TypeError('expected a verdict, at once'))
}

function failure({ scope: { log } }: Watching, err: unknown): CloseVerdict {
  log.error({ err }, 'WebSocket watcher failed')
  return failed
}

function isVerdict(value: unknown): boolean {
  return isClose(value) || isDrop(value) || isReplacement(value)
}

function isClose(value: unknown): value is CloseVerdict {
  return isObject(value) && 'close' in value && typeof value.close === 'number'
}

function isDrop(value: unknown): value is DropVerdict {
  return isObject(value) && 'drop' in value && value.drop === true
}

function isReplacement(value: unknown): value is ReplaceVerdict {
  if (!isObject(value) || !('replace' in value)) return false
  return typeof value.replace === 'string' || value.replace instanceof Uint8Array
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
