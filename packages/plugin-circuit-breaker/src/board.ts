/**
 * All circuits of a gateway, for whoever wants to show them.
 *
 * @module
 */
import {
  type Attempt,
  type Exchange,
  type GatewayHooks,
  type Snapshot,
  Stage,
} from '@gatewright/kernel'
import type { CircuitState } from './circuit.ts'

/** One circuit as it is now. */
export interface CircuitReport {
  /** Name of the block; `name@router` if it says `scope = "router"`. */
  readonly middleware: string
  readonly service: string
  /** URL of the server; `undefined` for the circuit of a whole service. */
  readonly endpoint: string | undefined
  readonly state: CircuitState
  /** How often the state has changed. */
  readonly transitions: number
  /** Requests on trial that are under way. */
  readonly trials: number
  /** How long it stays open at least, in milliseconds. */
  readonly restMs: number
  /** Closes the circuit, and forgets what it has counted. */
  reset(): void
}

/** The circuits of one block. */
export interface CircuitTable {
  /** The configuration in which it goes on; what is not in that is forgotten. */
  follow(next: Snapshot): void
  /** The configuration no longer has the block. */
  letGo(): void
  reports(now: number): CircuitReport[]
}

/** A table that judges attempts. */
export interface AttemptWatcher {
  /** Throws GW_CIRCUIT_OPEN if the attempt must not be sent. */
  attemptBegins(exchange: Exchange, attempt: Attempt): void
  attemptEnded(exchange: Exchange, attempt: Attempt): void
}

/** The tables of one gateway's present configuration. */
export class Board implements AttemptWatcher {
  #tables: ReadonlySet<CircuitTable> = new Set()
  #watchers: readonly AttemptWatcher[] = []
  #next = new Set<CircuitTable>()

  /** A block of the configuration that is about to become the present one has this table. */
  add(table: CircuitTable): void {
    this.#next.add(table)
  }

  /** All blocks of that configuration have been added. */
  activate(next: Snapshot): void {
    const before = this.#tables
    this.#tables = this.#next
    this.#next = new Set()
    for (const table of before) if (!this.#tables.has(table)) table.letGo()
    for (const table of this.#tables) table.follow(next)
    this.#watchers = [...this.#tables].filter((table) => isWatcher(table))
  }

  attemptBegins(exchange: Exchange, attempt: Attempt): void {
    for (const watcher of this.#watchers) watcher.attemptBegins(exchange, attempt)
  }

  attemptEnded(exchange: Exchange, attempt: Attempt): void {
    for (const watcher of this.#watchers) watcher.attemptEnded(exchange, attempt)
  }

  reports(): CircuitReport[] {
    const now = performance.now()
    return [...this.#tables].flatMap((table) => table.reports(now))
  }
}

const boards = new WeakMap<GatewayHooks, Board>()

/** Has the board of a gateway follow its configurations and attempts. To be called in `setup`. */
export function setUpBoard(board: Board, hooks: GatewayHooks): void {
  boards.set(hooks, board)
  const name = '@gatewright/plugin-circuit-breaker'
  hooks.activate.tap(name, (next) => board.activate(next))
  // Before anything waits: the next exchange may be given the same endpoint then.
  hooks.upstream.tap({ name, stage: Stage.first }, (exchange, attempt) =>
    board.attemptBegins(exchange, attempt),
  )
  hooks.upstreamEnd.tap(name, (exchange, attempt) => board.attemptEnded(exchange, attempt))
}

/**
 * The circuits of a gateway that requests have met so far, for metrics and management. Empty if its
 * configuration has no circuit breaker.
 */
export function circuitsOf(gateway: { readonly hooks: GatewayHooks }): readonly CircuitReport[] {
  return boards.get(gateway.hooks)?.reports() ?? []
}

function isWatcher(table: CircuitTable): table is CircuitTable & AttemptWatcher {
  return 'attemptBegins' in table
}
