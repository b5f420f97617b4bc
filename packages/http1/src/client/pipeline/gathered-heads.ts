import { composeRequest } from '../../compose/compose.ts'
import type { RequestPlan } from '../../compose/plan.ts'
import { noRoom } from '../../compose/write-field.ts'
import type { Wire } from '../../wire/wire.ts'

const usualBytes = 32 * 1024
const nothing = Buffer.alloc(0)

/** The requests of one turn of the event loop, which leave in one write. */
export class GatheredHeads {
  #buf: Buffer = nothing
  #used = 0

  /** Adds a request. Throws, and adds nothing, what `composeRequest` throws. */
  add(plan: RequestPlan): void {
    for (;;) {
      const end = composeRequest(this.#buf, this.#used, plan)
      if (end === noRoom) {
        this.#grow()
        continue
      }
      this.#used = end
      return
    }
  }

  /** Writes out what there is, at once: the turn that gathered it is over. */
  writeTo(wire: Wire): void {
    wire.write(this.#buf, 0, this.#used)
    wire.flush()
    this.clear()
  }

  clear(): void {
    this.#used = 0
    if (this.#buf.length > usualBytes) this.#buf = nothing
  }

  #grow(): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(usualBytes, this.#buf.length * 2))
    this.#buf.copy(grown, 0, 0, this.#used)
    this.#buf = grown
  }
}
