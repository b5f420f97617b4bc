import type { RequestContext } from '@gatewright/kernel'

/** An end of a conversation. */
export type Peer = 'client' | 'server'

/** A message of which nothing but the beginning has come. */
export interface MessageStart {
  readonly from: Peer
  readonly kind: 'text' | 'binary'
  /** True if its bytes are compressed (RFC 7692), as the two ends have agreed. */
  readonly compressed: boolean
}

/** A message that has come to its end. */
export interface WholeMessage extends MessageStart {
  /** Without masks and fragments. Of a text it is valid UTF-8. */
  readonly data: Buffer
}

/** Ends the conversation: both ends get a close frame. */
export interface CloseVerdict {
  /** One that may be sent (RFC 6455 section 7.4), such as 1008; any other becomes 1008. */
  readonly close: number
  /** Cut off after 123 bytes of UTF-8. */
  readonly reason?: string
}

/** Passes nothing of the message on. */
export interface DropVerdict {
  readonly drop: true
}

/** Passes another message of the same kind on. */
export interface ReplaceVerdict {
  readonly replace: string | Uint8Array
}

/** `undefined` lets a message pass. */
export type Pass = undefined | void

/** How a conversation ended. */
export interface ConversationEnd {
  /** 1005 if the close frame had none, 1006 if there was no close frame. */
  readonly code: number
  readonly reason: string
  /** Who said so first; `undefined` if nobody did. */
  readonly by: Peer | 'gateway' | undefined
}

/**
 * Looks at the messages of one conversation. Called at once, as the bytes go by, so it must be
 * quick and cannot wait. If it throws, the conversation is closed with 1011.
 */
export interface MessageWatcher {
  /** A message begins. Not a byte of it has been passed on. */
  onStart?(message: MessageStart): CloseVerdict | DropVerdict | Pass
  /**
   * A message is complete, and has been held until now. Needs {@link MessageWatch.content}. It is
   * passed on in a single frame.
   */
  onMessage?(message: WholeMessage): CloseVerdict | DropVerdict | ReplaceVerdict | Pass
  /** It is over, or is about to be. Called exactly once, before the access log is written. */
  onEnd?(end: ConversationEnd): void
}

/** A conversation that is watched. */
export interface Conversation {
  /** As {@link CloseVerdict}, at any time. Without effect once it is closed. */
  close(code: number, reason?: string): void
}

/** What is looked at in the conversations of a route. Decided when a configuration is loaded. */
export interface MessageWatch {
  /** Whose messages concern it. Default: those of both. */
  readonly from?: Peer
  /**
   * Size of a message in bytes, as they come; above it the conversation is closed with 1009, before
   * the frame that is too much. Default: any size, with {@link MessageWatch.content} 64 KiB.
   */
  readonly maxBytes?: number
  /**
   * Whether messages are held until they are complete, for {@link MessageWatcher.onMessage}.
   * Conversations are not compressed then. Default false.
   */
  readonly content?: boolean
  /**
   * Called for each conversation, when its server has accepted it. `undefined` leaves it alone.
   * Throwing refuses it.
   */
  open(ctx: RequestContext, conversation: Conversation): MessageWatcher | undefined
}
