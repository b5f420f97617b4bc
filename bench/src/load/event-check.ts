/** Reads server-sent events as our upstream sends them and checks that none is lost or doubled. */
export class EventCheck {
  #pending = ''
  #next = 0

  /** Returns when each event that is complete now was sent, in nanoseconds of `process.hrtime`. */
  push(text: string): readonly bigint[] {
    const events = (this.#pending + text).split('\n\n')
    this.#pending = events.pop() ?? ''
    return events.map((event) => this.#read(event))
  }

  #read(event: string): bigint {
    const match = /^id: (\d+)\ndata: (\d+)$/.exec(event)
    if (match === null) throw new Error(`no event of ours: "${event}"`)
    const [, id, sentAt = '0'] = match
    if (Number(id) !== this.#next) throw new Error(`event ${id} in place of ${this.#next}`)
    this.#next++
    return BigInt(sentAt)
  }
}
