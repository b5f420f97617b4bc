import type { UpstreamCall } from '../upstream-call.ts'
import { Arrivals } from './arrivals.ts'
import type { PipelineSlot } from './pipeline-slot.ts'

/** A request that leaves the queue before its turn. */
export interface MovedCall {
  readonly call: UpstreamCall
  /** It was written out, so the upstream may have seen it. */
  readonly wasSent: boolean
}

/** The requests of one connection that are not answered completely, in the order of sending. */
export class PipelineQueue {
  #slots: PipelineSlot[] = []
  /** How many were ever queued, written out, answered completely. */
  #queued = 0
  #sent = 0
  #answered = 0
  readonly #arrivals = new Arrivals()
  /** How many answered ones were sent behind another one. */
  #proofs = 0

  get length(): number {
    return this.#slots.length
  }

  /** The one whose response comes next. */
  get front(): PipelineSlot | undefined {
    return this.#slots[0]
  }

  /** True if some were not written out yet. */
  get unsent(): boolean {
    return this.#sent < this.#queued
  }

  /** Requests that were answered on this connection. */
  get answered(): number {
    return this.#answered
  }

  /** Requests that were answered although they had been sent behind another one. */
  get proofs(): number {
    return this.#proofs
  }

  push(slot: PipelineSlot): void {
    this.#slots.push(slot)
    this.#queued++
  }

  /** All of them were written out. */
  markSent(): void {
    this.#sent = this.#queued
  }

  /** Bytes have arrived. */
  markArrival(bytes: number): void {
    this.#arrivals.add(bytes, this.#slots[0]?.unread ?? 0, this.#sent)
  }

  /**
   * The one that bytes may answer: never one that was sent after they came.
   * @param unread How many of those that arrived are not read yet.
   */
  awaiting(unread: number): PipelineSlot | undefined {
    return this.#answered < this.#arrivals.sentBefore(unread) ? this.#slots[0] : undefined
  }

  /** The one at the front is answered completely. */
  shift(): void {
    if (this.#slots.shift()?.alone === false) this.#proofs++
    this.#answered++
  }

  /** Takes out the ones from that place on. Returns those that somebody still waits for. */
  moveFrom(place: number): MovedCall[] {
    const sent = this.#sent - this.#answered
    const moved: MovedCall[] = []
    for (const [index, { call }] of this.#slots.splice(place).entries()) {
      if (call !== undefined) moved.push({ call, wasSent: place + index < sent })
    }
    this.#queued = this.#answered + this.#slots.length
    this.#sent = Math.min(this.#sent, this.#queued)
    return moved
  }
}
