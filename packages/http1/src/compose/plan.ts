import type { HeaderList } from '@gatewright/kernel'
import { type BodyFraming, Framing } from '../body/framing.ts'
import { FieldSection } from '../head/field-section.ts'
import type { Head } from '../head/head.ts'
import type { KindSet } from '../syntax/kinds.ts'
import type { HeaderBlock } from './header-block.ts'

const noSection = new FieldSection(0, 0)

/** What requests and responses have in common. */
abstract class MessagePlan {
  /** The received head that is sent on; `undefined` for a message that the gateway made. */
  head: Head | undefined = undefined
  /**
   * Header fields: those of a received head as they are, or what became of them. Fields of one hop
   * only are left out, as are those that Connection names (RFC 9110 section 7.6.1).
   */
  fields: FieldSection | HeaderList = noSection
  /** Ready lines that stand before the fields. */
  block: HeaderBlock | undefined = undefined
  /** Kinds of fields to leave out besides, such as `forwardedKinds`; the block is not concerned. */
  dropped: KindSet = 0
  /** How the body will be framed; the head says so, whatever the fields say. */
  framing: BodyFraming = Framing.none
  /** Protocol to switch to, for the Upgrade field, with the Connection option that it needs. */
  upgrade: string | undefined = undefined
  /** Option for Connection. */
  connection: 'close' | 'keep-alive' | undefined = undefined
}

/** What {@link composeRequest} writes. May be changed and used again. */
export class RequestPlan extends MessagePlan {
  /** Instead of the received one. */
  method: string | undefined = undefined
  /** Origin form, `*`, or `host:port` for CONNECT; instead of the received one. */
  target: string | undefined = undefined
  /** Instead of the effective host of the received head. Required if that has none. */
  host: string | undefined = undefined
  /** Says `TE: trailers`, with the Connection option that it needs (RFC 9110 section 10.1.4). */
  acceptsTrailers = false
}

/** What {@link composeResponse} writes. May be changed and used again. */
export class ResponsePlan extends MessagePlan {
  /** Instead of the received status and reason; 0 keeps them. */
  status = 0
}
