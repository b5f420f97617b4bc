import type { WorkerProcess } from './member.ts'
import type { Ask, Order } from './messages.ts'

/** How long everybody has to answer. */
const patienceMs = 2000
/** How long one has who may have to ask the others. */
const ownPatienceMs = 20_000

/** A question that went to several workers. */
interface Inquiry {
  readonly answers: unknown[]
  readonly open: Set<WorkerProcess>
  readonly done: () => void
}

/** Passes the questions of workers on to all of them, and the answers back. */
export class Inquiries {
  readonly #open = new Map<number, Inquiry>()
  #lastId = 0

  /** @param everybody Those who can answer, whoever asks included. */
  begin(
    asker: Pick<WorkerProcess, 'send'>,
    asked: Omit<Ask, 'type'>,
    everybody: readonly WorkerProcess[],
    withinMs: number = patienceMs,
  ): void {
    const id = ++this.#lastId
    const answers: unknown[] = []
    const done = (): void => {
      clearTimeout(timer)
      this.#open.delete(id)
      asker.send({ type: 'answers', id: asked.id, answers })
    }
    const timer = setTimeout(done, withinMs)
    timer.unref()
    const inquiry = { answers, open: new Set(everybody), done }
    this.#open.set(id, inquiry)
    const { topic, question } = asked
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

  take(process: WorkerProcess, id: number, answer: unknown): void {
    const inquiry = this.#open.get(id)
    if (inquiry === undefined || !inquiry.open.delete(process)) return
    if (answer !== undefined && answer !== null) inquiry.answers.push(answer)
    settle(inquiry)
  }

  /** It will not answer any more. */
  forget(process: WorkerProcess): void {
    for (const inquiry of this.#open.values()) {
      if (inquiry.open.delete(process)) settle(inquiry)
    }
  }
}

function settle({ open, done }: Inquiry): void {
  if (open.size === 0) done()
}
