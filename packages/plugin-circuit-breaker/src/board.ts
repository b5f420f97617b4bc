/**
 * All circuits of a gateway, for whoever wants to show them.
 *
 * @module
 */
import type { GatewayHooks, Snapshot } from '@gatewright/kernel'
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

/** The tables of one gateway's present configuration. */
export class Board {
  #tables: ReadonlySet<CircuitTable> = new Set()
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
  }

  reports(): CircuitReport[] {
    const now = performance.now()
    return [...this.#tables].flatMap((table) => table.reports(now))
  }
}

const boards = new WeakMap<GatewayHooks, Board>()

/** Makes the board of a gateway, and has it follow the configurations. */
export function createBoard(hooks: GatewayHooks): Board {
  const board = new Board()
  boards.set(hooks, board)
  hooks.activate.tap('@gatewright/plugin-circuit-breaker', (next) => board.activate(next))
  return board
}

/**
 * The circuits of a gateway that requests have met so far, for metrics and management. Empty if its
 * configuration has no circuit breaker.
 */
export function circuitsOf(gateway: { readonly hooks: GatewayHooks }): readonly CircuitReport[] {
  return boards.get(gateway.hooks)?.reports() ?? []
}
