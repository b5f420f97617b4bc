/** How one kind of visit went. */
export interface KindTally {
  visits: number
  exchanges: number
  readonly statuses: Record<string, number>
}

const maxProblems = 50

/** What happened, and what should not have. */
export class Tally {
  readonly kinds = new Map<string, KindTally>()
  /** The first ones; the rest is only counted. */
  readonly problems: string[] = []
  problemCount = 0
  reloads = 0
  refusals = 0

  kind(name: string): KindTally {
    let tally = this.kinds.get(name)
    if (tally === undefined) {
      tally = { visits: 0, exchanges: 0, statuses: {} }
      this.kinds.set(name, tally)
    }
    return tally
  }

  /** Counts one exchange by its status, or by how its connection was lost. */
  count(name: string, outcome: number | string): void {
    const tally = this.kind(name)
    tally.exchanges++
    tally.statuses[outcome] = (tally.statuses[outcome] ?? 0) + 1
  }

  problem(text: string): void {
    this.problemCount++
    if (this.problems.length < maxProblems) this.problems.push(text)
  }

  get exchanges(): number {
    return [...this.kinds.values()].reduce((sum, { exchanges }) => sum + exchanges, 0)
  }
}
