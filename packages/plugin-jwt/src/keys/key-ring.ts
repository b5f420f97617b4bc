import type { Algorithm } from './algorithms.ts'
import type { VerificationKey } from './verification-key.ts'

/** Something that keys come from and that may change. */
export interface KeySource {
  /** For messages. */
  readonly name: string
  /** `undefined` until there have been any. */
  readonly keys: readonly VerificationKey[] | undefined
  /** Another number whenever the keys are others. */
  readonly version: number
  /** Looks for newer keys, if that makes sense now. Never rejects. */
  refresh?(): Promise<void>
}

/** How many keys are tried for one token, so that a token without a key id costs no more. */
const maxTried = 16

/** All keys of one middleware, in the order of its options. */
export class KeyRing {
  readonly #sources: readonly KeySource[]

  constructor(sources: readonly KeySource[]) {
    this.#sources = sources
  }

  /** Changes whenever a key was added or taken away. */
  get version(): number {
    let sum = 0
    for (const source of this.#sources) sum += source.version
    return sum
  }

  /** The name of a source that has had no keys yet. */
  get missing(): string | undefined {
    return this.#sources.find(({ keys }) => keys === undefined)?.name
  }

  /** The keys that a token with this header may have been signed with. */
  candidates(algorithm: Algorithm, id: string | undefined): VerificationKey[] {
    const found: VerificationKey[] = []
    for (const { keys } of this.#sources) {
      for (const key of keys ?? []) {
        if (key.fits(algorithm, id)) found.push(key)
        if (found.length === maxTried) return found
      }
    }
    return found
  }

  /** Has every source look for newer keys; `undefined` if none can. */
  refresh(): Promise<unknown> | undefined {
    const refreshing = this.#sources.flatMap((source) => source.refresh?.() ?? [])
    return refreshing.length === 0 ? undefined : Promise.all(refreshing)
  }
}

/** Keys that stay as they are. */
export function fixedKeys(name: string, keys: readonly VerificationKey[]): KeySource {
  return { name, keys, version: 0 }
}
