/**
 * What the scanner finds: the structure of a file with a position for every part of it.
 *
 * @module
 */
import type { Span } from '../source-text.ts'

/** The content of a file or of a block, in the order of the source. */
export interface Body {
  readonly items: readonly (Attribute | Block)[]
}

/** `name = value` */
export interface Attribute {
  readonly kind: 'attribute'
  readonly name: string
  readonly nameSpan: Span
  readonly value: Literal
}

/** `type "label" { … }` */
export interface Block {
  readonly kind: 'block'
  readonly type: string
  readonly typeSpan: Span
  readonly labels: readonly Label[]
  readonly body: Body
  /** From the type to the last label. */
  readonly header: Span
  /** From the type to the closing brace. */
  readonly span: Span
}

/** A block's label, decoded. */
export interface Label {
  readonly text: string
  readonly span: Span
}

/** A value as it is written. Whatever is not plainly a list or an object is an `expression`. */
export type Literal = ListLiteral | ObjectLiteral | ExpressionLiteral

export interface ListLiteral {
  readonly kind: 'list'
  readonly span: Span
  readonly items: readonly Literal[]
}

export interface ObjectLiteral {
  readonly kind: 'object'
  readonly span: Span
  readonly entries: readonly ObjectEntry[]
}

export interface ExpressionLiteral {
  readonly kind: 'expression'
  readonly span: Span
}

export interface ObjectEntry {
  /** `undefined` if the key must be evaluated. */
  readonly key: string | undefined
  readonly keySpan: Span
  readonly value: Literal
}

/** The result of a scan. */
export interface Structure {
  readonly body: Body
  /** Number literals that do not survive as JavaScript numbers. */
  readonly lossyNumbers: readonly Span[]
  /** Where and why the scan stopped; then the body is incomplete. */
  readonly failure?: ScanFailure
}

export interface ScanFailure {
  readonly offset: number
  readonly reason: 'syntax' | 'depth'
}
