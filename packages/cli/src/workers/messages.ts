/**
 * What the supervisor and its workers say to each other. Everything survives JSON.
 *
 * @module
 */
import type {
  BoundAddress,
  PeerTotals,
  ReloadOutcome,
  ReloadReport,
  Survey,
} from '@gatewright/kernel'
import type { Failure } from '../failure.ts'
import type { LogLevel } from '../log.ts'
import type { Description } from '../running/messages.ts'

/** For how long a connection without a request is kept while other workers go on. */
export const lastRequestMs = 1000

/** A configuration on its way to the workers, which all read the same text. */
export interface WorkerConfig {
  readonly file: string
  readonly text: string
  /** Addresses by entrypoint that hold whatever the text says. */
  readonly addresses: Readonly<Record<string, string>>
}

/** What a worker is and how it is to run. */
export interface StartOrder {
  readonly type: 'start'
  /** From 1; the one that takes its place has it too. */
  readonly worker: number
  /** How many there are. */
  readonly workers: number
  /** The number of the configuration, which counts up as long as the supervisor lives. */
  readonly version: number
  /** When the supervisor had started, in milliseconds since the epoch. */
  readonly startedAt: number
  /** The same for all of them, and random. */
  readonly sharedSecret: string
  readonly logLevel: LogLevel
  readonly json: boolean
  /** How often it is to say that it is alive. */
  readonly beatMs: number
  readonly config: WorkerConfig
}

/** What a worker wants to know of all of them. */
export interface Ask {
  readonly type: 'ask'
  /** Comes back with the answers. */
  readonly id: number
  readonly topic: string
  readonly question?: unknown
}

/** What all of them said, and what those counted that are not among them. */
export interface Answers extends Survey {
  readonly type: 'answers'
  readonly id: number
}

/** What a worker says to a question; without an answer if it has none. */
export interface Answer {
  readonly type: 'answer'
  readonly id: number
  readonly answer?: unknown
  /** What of the answer goes on counting when the worker has ended. */
  readonly totals?: PeerTotals | undefined
}

/** What a worker has counted that is about to end. */
export interface Bequest {
  readonly type: 'bequest'
  readonly topic: string
  readonly totals: PeerTotals
}

/** What became of a reload that a worker asked for. */
export interface Reloaded {
  readonly type: 'reloaded'
  readonly outcome: ReloadOutcome
}

/** A configuration that could not even be read, so that no worker has seen it. */
export interface Unread {
  readonly type: 'unread'
  readonly failure: Failure
}

/** What a worker is told. */
export type Order =
  | StartOrder
  | {
      readonly type: 'question'
      readonly id: number
      readonly topic: string
      readonly question?: unknown
    }
  | Answers
  | { readonly type: 'reload'; readonly config: WorkerConfig }
  | Reloaded
  | Unread
  | {
      readonly type: 'describe'
      /** What to seal secrets with; without it, something new. */
      readonly key?: string
    }
  | {
      readonly type: 'drain'
      /** How long connections without a request are kept, for a last one. */
      readonly idleMs: number
    }

/** A configuration that a worker has put in force. */
export interface Applied {
  readonly type: 'applied'
  /** Where each entrypoint listens, by name. */
  readonly addresses: readonly (readonly [string, BoundAddress])[]
  readonly version: number
  readonly hash: string
  /** Not if it is the first configuration of the worker. */
  readonly report?: ReloadReport
  readonly routers: number
  readonly services: number
  readonly tookMs: number
}

/** A configuration that a worker has refused. */
export interface Refused {
  readonly type: 'refused'
  readonly failure: Failure
}

/** What a worker runs, or why it cannot say. */
export interface Described {
  readonly type: 'described'
  readonly description?: Description
  readonly problem?: string
}

/**
 * What a worker tells. `leaving` comes before it drains, whatever the reason; after `reload wanted`
 * it is told what became of it.
 */
export type Report =
  | Applied
  | Refused
  | Described
  | Ask
  | Answer
  | Bequest
  | { readonly type: 'hello' }
  | { readonly type: 'alive' }
  | { readonly type: 'leaving' }
  | { readonly type: 'reload wanted' }
