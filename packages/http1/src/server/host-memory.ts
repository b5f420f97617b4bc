import type { Head } from '../head/head.ts'

/**
 * The host that a connection asked for last. Clients rarely ask one connection for two, and to
 * compare its bytes costs less than to make another string of them.
 */
export class HostMemory {
  #authority = ''

  /** The effective host of a head, in lower case. */
  authorityOf(head: Head): string {
    if (!head.hasHost(this.#authority)) this.#authority = head.hostText.toLowerCase()
    return this.#authority
  }
}
