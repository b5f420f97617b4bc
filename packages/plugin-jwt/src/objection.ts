/** Why a token is not accepted; the client is told this and no more. */
export type Reason =
  | 'malformed'
  | 'too long'
  | 'given more than once'
  | 'encrypted'
  | 'extension'
  | 'type'
  | 'algorithm'
  | 'unknown key'
  | 'signature'
  | 'expired'
  | 'not yet valid'
  | 'issued in the future'
  | 'issuer'
  | 'audience'
  | 'scope'
  | 'claim'

/** What is wrong with a token; thrown by whoever finds it. */
export class Objection extends Error {
  /** `forbidden` if the token is good, but not for this. */
  readonly kind: 'invalid' | 'forbidden'
  readonly reason: Reason

  constructor(reason: Reason, kind: 'invalid' | 'forbidden' = 'invalid') {
    super(reason)
    this.reason = reason
    this.kind = kind
  }
}
