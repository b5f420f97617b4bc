import { type Alphabet, alphabetOf } from './alphabet.ts'
import { wordBytes } from './byte-set.ts'
import type { Program } from './program.ts'
import type { Assertion } from './syntax.ts'

/** Beyond this many states, what was learnt is forgotten. */
const maxStates = 500

/** Where a program can be between two bytes. */
interface State {
  /** What came before. */
  readonly after: 'nothing' | 'word' | 'other'
  /** Steps to go on with, before assertions have been looked at. */
  readonly steps: readonly number[]
  /** Where each symbol leads, and the end of the text behind them; learnt on first use. */
  readonly next: (State | undefined)[]
}

/**
 * Runs a program over texts, in time that grows with the length of the text only, whatever the
 * pattern: it is in all the places at once where it can be, and remembers for each such set of
 * places where a byte leads, so that a text costs one table look-up per byte (a lazily built
 * deterministic automaton, as in RE2).
 */
export class Automaton {
  readonly #program: Program
  readonly #anchored: boolean
  readonly #alphabet: Alphabet
  readonly #endSymbol: number
  /** Reached once the program has matched. */
  readonly #accepted: State = { after: 'other', steps: [], next: [] }
  /** The program can match no more. */
  readonly #rejected: State = { after: 'other', steps: [], next: [] }
  readonly #states = new Map<string, State>()
  #first: State

  /** @param anchored True if the program can only match at the start of a text. */
  constructor(program: Program, anchored: boolean) {
    this.#program = program
    this.#anchored = anchored
    this.#alphabet = alphabetOf(program.steps)
    this.#endSymbol = this.#alphabet.sample.length
    this.#first = this.#state('nothing', [program.start])
  }

  /** How many states it remembers; bounded, since clients could make it learn without end. */
  get size(): number {
    return this.#states.size
  }

  /** True if the program matches anywhere in the text from `start` to `end`. */
  test(text: string, start: number, end: number): boolean {
    const { symbolOf } = this.#alphabet
    let state = this.#first
    for (let i = start; i < end; i++) {
      const code = text.charCodeAt(i)
      // Texts are byte strings; what is none counts as any byte beyond ASCII.
      const symbol = symbolOf[code < 0xff ? code : 0xff] ?? 0
      state = state.next[symbol] ?? this.#learn(state, symbol)
      if (state === this.#accepted) return true
      if (state === this.#rejected) return false
    }
    return (state.next[this.#endSymbol] ?? this.#learn(state, this.#endSymbol)) === this.#accepted
  }

  #learn(state: State, symbol: number): State {
    const next = this.#follow(state, this.#alphabet.sample[symbol])
    state.next[symbol] = next
    return next
  }

  /** @param byte `undefined` at the end of the text. */
  #follow(state: State, byte: number | undefined): State {
    const reached = new Set<number>()
    for (const index of this.#reachable(state, byte)) {
      const step = this.#program.steps[index]
      if (step?.kind === 'match') return this.#accepted
      if (step?.kind === 'byte' && byte !== undefined && step.set.has(byte)) reached.add(step.next)
    }
    if (byte === undefined) return this.#rejected
    if (!this.#anchored) reached.add(this.#program.start)
    if (reached.size === 0) return this.#rejected
    const steps = [...reached].toSorted((a, b) => a - b)
    return this.#state(wordBytes.has(byte) ? 'word' : 'other', steps)
  }

  /** Every step that can be got to without taking a byte. */
  #reachable(state: State, byte: number | undefined): ReadonlySet<number> {
    const found = new Set(state.steps)
    // A set is walked in the order of insertion, additions on the way included.
    for (const index of found) {
      const step = this.#program.steps[index]
      if (step?.kind === 'fork') for (const next of step.next) found.add(next)
      if (step?.kind === 'assertion' && holds(step.assertion, state, byte)) found.add(step.next)
    }
    return found
  }

  #state(after: State['after'], steps: readonly number[]): State {
    const key = `${after} ${steps.join()}`
    const known = this.#states.get(key)
    if (known !== undefined) return known
    if (this.#states.size === maxStates) {
      this.#states.clear()
      this.#first = this.#state('nothing', [this.#program.start])
    }
    const state: State = { after, steps, next: [] }
    this.#states.set(key, state)
    return state
  }
}

function holds(assertion: Assertion, { after }: State, byte: number | undefined): boolean {
  const isWord = byte !== undefined && wordBytes.has(byte)
  switch (assertion) {
    case 'start':
      return after === 'nothing'
    case 'end':
      return byte === undefined
    case 'boundary':
      return (after === 'word') !== isWord
    case 'no boundary':
      return (after === 'word') === isWord
  }
}
