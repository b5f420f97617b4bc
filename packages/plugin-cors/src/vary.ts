import type { HeaderList } from '@gatewright/kernel'

/** Names request fields that a response depends on (RFC 9110 section 12.5.5). */
export class Vary {
  readonly #names: readonly string[]

  constructor(names: readonly string[]) {
    this.#names = names
  }

  /** Leaves out what is named already. */
  addTo(headers: HeaderList): void {
    const names = this.#names
    if (!headers.has('vary')) return headers.append('vary', names.join(', '))
    const lines = headers.getAll('vary').join(',').split(',')
    const present = lines.map((name) => name.trim().toLowerCase())
    if (present.includes('*')) return
    const missing = names.filter((name) => !present.includes(name.toLowerCase()))
    if (missing.length > 0) headers.append('vary', missing.join(', '))
  }
}
