import type { PeerTotals } from '@gatewright/kernel'
import { added, Legacies } from './legacies.ts'
import type { WorkerProcess } from './member.ts'
import type { Answer, Ask, Bequest, Order } from './messages.ts'

/** How long everybody has to answer. */
const patienceMs = 2000
/** How long one has who may have to ask the others. */
const ownPatienceMs = 20_000

/** A question that went to several workers. */
interface Inquiry {
  readonly topic: string
  readonly answers: unknown[]
  /** What those have counted that are not among the answers. */
  readonly others: PeerTotals[]
  readonly open: Set<WorkerProcess>
  readonly done: () => void
}

/** Passes the questions of workers on to all of them, and the answers back. */
export class Inquiries {
  readonly #open = new Map<number, Inquiry>()
  readonly #legacies = new Legacies()
  #lastId = 0

  /** @param everybody Those who can answer, whoever asks included. */
  begin(
    asker: Pick<WorkerProcess, 'send'>,
    asked: Omit<Ask, 'type'>,
    everybody: readonly WorkerProcess[],
    withinMs: number = patienceMs,
  ): void {
    const id = ++this.#lastId
    const { topic, question } = asked
    const answers: unknown[] = []
    // Whoever ends from now on has answered, or is added when it does.
    const others = [this.#legacies.of(topic)]
    const open = new Set(everybody)
    const done = (): void => {
      clearTimeout(timer)
      this.#open.delete(id)
      for (const process of open) others.push(this.#legacies.lastOf(process, topic))
      asker.send({ type: 'answers', id: asked.id, answers, others: added(others) })
    }
    const timer = setTimeout(done, withinMs)
    timer.unref()
    const inquiry = { topic, answers, others, open, done }
    this.#open.set(id, inquiry)
    for (const process of everybody) process.send({ type: 'question', id, topic, question })
    settle(inquiry)
  }

  /** Asks one of them on behalf of this process. Rejects without an answer. */
  async ask(topic: string, question: unknown, process: WorkerProcess): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<readonly unknown[]>()
    const send = (order: Order): void => {
      if (order.type === 'answers') resolve(order.answers)
    }
    this.begin({ send }, { id: 0, topic, question }, [process], ownPatienceMs)
    const [answer] = await promise
    if (answer === undefined) throw new Error('its worker did not answer')
    return answer
  }

  take(process: WorkerProcess, { id, answer, totals }: Answer): void {
    const inquiry = this.#open.get(id)
    if (inquiry === undefined || !inquiry.open.delete(process)) return
    const { topic } = inquiry
    if (totals !== undefined) this.#legacies.note(process, topic, totals)
    if (answer !== undefined && answer !== null) inquiry.answers.push(answer)
    else inquiry.others.push(this.#legacies.lastOf(process, topic))
    settle(inquiry)
  }

  /** It says what it has counted before it ends. */
  inherit(process: WorkerProcess, { topic, totals }: Bequest): void {
    this.#legacies.note(process, topic, totals)
  }

  /** It will not answer any more; what it has counted is kept. */
  forget(process: WorkerProcess): void {
    for (const inquiry of this.#open.values()) {
      if (!inquiry.open.delete(process)) continue
      inquiry.others.push(this.#legacies.lastOf(process, inquiry.topic))
      settle(inquiry)
    }
    this.#legacies.close(process)
  }
}

function settle({ open, done }: Inquiry): void {
  if (open.size === 0) done()
}
