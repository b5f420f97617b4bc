import type { WorkerProcess } from './member.ts'
import type { Ask } from './messages.ts'

/** How long everybody has to answer. */
const patienceMs = 2000

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
  begin(asker: WorkerProcess, asked: Ask, everybody: readonly WorkerProcess[]): void {
    const id = ++this.#lastId
    const answers: unknown[] = []
    const done = (): void => {
      clearTimeout(timer)
      this.#open.delete(id)
      asker.send({ type: 'answers', id: asked.id, answers })
    }
    const timer = setTimeout(done, patienceMs)
    timer.unref()
    const inquiry = { answers, open: new Set(everybody), done }
    this.#open.set(id, inquiry)
    const { topic, question } = asked
    for (const process of everybody) process.send({ type: 'question', id, topic, question })
    settle(inquiry)
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
