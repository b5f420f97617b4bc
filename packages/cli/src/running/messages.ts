/**
 * What a running gateway is asked, and what it answers. Everything survives JSON.
 *
 * @module
 */
import type { Outline } from '../diff/outline.ts'
import type { TopicQuestion, TopicReply } from './topics.ts'

/** `who`: which gateway it is; `what`: what it runs as well; else something about that. */
export type Asked = 'who' | 'what' | TopicQuestion

/** Which gateway it is. */
export interface Identity {
  readonly pid: number
  /** Its configuration file, absolute; not if it runs without one. */
  readonly file?: string
}

/** What a configuration says that runs. */
export interface Description {
  readonly version: number
  /** The one with which the outline was made. */
  readonly key: string
  readonly outline: Outline
}

/** Addresses that a gateway uses in place of those that its file has. */
export interface OtherAddresses {
  /** By entrypoint, whatever the file says. */
  readonly given: Readonly<Record<string, string>>
  /** Those that were chosen where a file leaves the port to the system. */
  readonly chosen: readonly ChosenAddress[]
}

/** Where an entrypoint listens for which a file has `written`, with port 0. */
export interface ChosenAddress {
  readonly entrypoint: string
  readonly written: string
  readonly address: string
}

/** What a gateway runs. */
export interface Running extends Description {
  /** How many processes do the work. */
  readonly workers: number
  readonly addresses: OtherAddresses
}

/** What comes back. */
export interface Answer extends Identity {
  readonly running?: Running
  /** To a question about a topic. */
  readonly reply?: TopicReply
  /** Why it cannot say what it runs. */
  readonly problem?: string
}
