import type { GatewayResponse } from '@gatewright/kernel'

/** What is compared of one response. */
interface Answer {
  readonly status: number
  /** One text for each compared field. */
  readonly fields: readonly string[]
}

/** Where two answers differ. Values of fields are left out, since they may be secrets. */
export interface Difference {
  readonly status: number
  readonly shadowStatus: number
  /** Names of the fields that differ. */
  readonly headers: readonly string[]
}

/** The answers of a service and of its shadow to the same request, in whichever order they come. */
export class Comparison {
  readonly #names: readonly string[]
  readonly #report: (difference: Difference) => void
  #primary: Answer | undefined = undefined
  #shadow: Answer | undefined = undefined

  /** @param names Of the fields to compare, lower-case. */
  constructor(names: readonly string[], report: (difference: Difference) => void) {
    this.#names = names
    this.#report = report
  }

  /** What the gateway answered itself, because something failed, is not compared. */
  takePrimary(response: GatewayResponse): void {
    if (response.error === undefined) this.#primary = this.#answerOf(response)
    this.#compare()
  }

  takeShadow(response: GatewayResponse): void {
    this.#shadow = this.#answerOf(response)
    this.#compare()
  }

  #answerOf({ status, headers }: GatewayResponse): Answer {
    return { status, fields: this.#names.map((name) => headers.getAll(name).join('\n')) }
  }

  #compare(): void {
    const primary = this.#primary
    const shadow = this.#shadow
    if (primary === undefined || shadow === undefined) return
    const headers = this.#names.filter((_, index) => primary.fields[index] !== shadow.fields[index])
    const { status } = primary
    if (status === shadow.status && headers.length === 0) return
    this.#report({ status, shadowStatus: shadow.status, headers })
  }
}
