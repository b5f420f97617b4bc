import { errors, type GatewayError } from '@gatewright/kernel'
import type { Head } from '../head/head.ts'
import type { SwitchHost } from '../switched-wire.ts'
import { Kind } from '../syntax/kinds.ts'
import type { UpstreamCall } from './upstream-call.ts'

/** Whether a 101 switches to the protocol that was asked for, and to no other. */
export function switchesTo(head: Head, token: string | undefined): boolean {
  if (token === undefined || head.minor !== 1) return false
  const given: string[] = []
  for (let line = 0; line < head.count; line++) {
    if (head.kind(line) === Kind.upgrade) given.push(head.value(line).trim().toLowerCase())
  }
  return given.length === 1 && given[0] === token
}

/** Tells of an upstream that breaks off after its connection has switched. */
export class UpstreamSwitch implements SwitchHost {
  readonly #call: UpstreamCall
  readonly #endpoint: string

  constructor(call: UpstreamCall, endpoint: string) {
    this.#call = call
    this.#endpoint = endpoint
  }

  onPeerLost(error: Error | undefined): GatewayError {
    const problem = error?.message ?? 'after it had switched protocols'
    const failure = errors.GW_UPSTREAM_RESET({ endpoint: this.#endpoint, problem })
    this.#call.attempt.break(failure)
    return failure
  }

  onOtherLost(): void {
    // The client's side tells of it.
  }

  onSwitchOver(): void {
    // The pool let go of the connection when it switched.
  }
}
