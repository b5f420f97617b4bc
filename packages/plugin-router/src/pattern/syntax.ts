import type { ByteSet } from './byte-set.ts'

/** A pattern as it was written. */
export type Syntax =
  | { readonly kind: 'byte'; readonly set: ByteSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'choice'; readonly options: readonly Syntax[] }
  | Repeat

/** Something several times. */
export interface Repeat {
  readonly kind: 'repeat'
  readonly body: Syntax
  readonly min: number
  /** `Infinity` if there is no end to it. */
  readonly max: number
}

/** A condition on a place in the text rather than on a byte. */
export type Assertion = 'start' | 'end' | 'boundary' | 'no boundary'

/** True if anything in it repeats without end. */
export function isEndless(syntax: Syntax): boolean {
  switch (syntax.kind) {
    case 'byte':
    case 'assertion':
      return false
    case 'sequence':
      return syntax.parts.some(isEndless)
    case 'choice':
      return syntax.options.some(isEndless)
    case 'repeat':
      return syntax.max === Infinity || isEndless(syntax.body)
  }
}

/** True if it can only match at the start of the text. */
export function isAnchored(syntax: Syntax): boolean {
  switch (syntax.kind) {
    case 'byte':
      return false
    case 'assertion':
      return syntax.assertion === 'start'
    case 'sequence':
      return syntax.parts.some(isAnchored)
    case 'choice':
      return syntax.options.every(isAnchored)
    case 'repeat':
      return syntax.min > 0 && isAnchored(syntax.body)
  }
}
