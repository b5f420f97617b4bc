/**
 * The part of `@cdktf/hcl2json` that is used, in our own words: its declarations would pull the
 * DOM library into every program.
 *
 * @module
 */
import { GrammarThread } from './thread.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** A node of an expression's syntax tree. Which parts of `meta` are there depends on the type. */
export interface ExpressionNode {
  readonly type: string
  /** UTF-8 offsets. The end is often that of the node's first token only. */
  readonly range: {
    readonly start: { readonly byte: number }
    readonly end: { readonly byte: number }
  }
  readonly children: readonly ExpressionNode[]
  readonly meta?: ExpressionMeta
}

export interface ExpressionMeta {
  /** The node's source. */
  readonly value: string
  /** Of a literal: `string`, `number`, `bool` or `dynamic` (null). */
  readonly type?: string
  readonly name?: string
  readonly operator?: string
  readonly expandedFinalArgument?: boolean
  readonly fullAccessor?: string
  readonly traversal?: readonly TraversalStep[]
}

export interface TraversalStep {
  readonly type: 'nameTraversal' | 'indexTraversal'
  /** A name, or the source of a constant index. */
  readonly segment: string
}

/** What the worker is asked. */
export type GrammarRequest =
  | { readonly kind: 'parse'; readonly name: string; readonly text: string }
  | { readonly kind: 'expressions'; readonly sources: readonly string[] }

/** What it answers: a result, or the message with which the parser refused. */
export type GrammarReply = { readonly value: unknown } | { readonly refusal: string }

/** What the package exports. */
export interface HclToJson {
  parse(name: string, text: string): Promise<JsonObject>
  getExpressionAst(name: string, source: string): Promise<ExpressionNode | null>
}

const thread = new GrammarThread()

/** The file as JSON, or the parser's message, in which positions begin with `name`. */
export async function parseText(name: string, text: string): Promise<JsonObject | string> {
  const reply = await thread.ask({ kind: 'parse', name, text })
  // The worker answers `parse` with what the package's function of that name returned.
  return 'refusal' in reply ? reply.refusal : (reply.value as JsonObject)
}

/** Syntax trees of expressions, in order; or the message for the first that is refused. */
export async function parseExpressions(
  sources: readonly string[],
): Promise<readonly ExpressionNode[] | string> {
  if (sources.length === 0) return []
  const reply = await thread.ask({ kind: 'expressions', sources })
  // The worker answers `expressions` with one tree for each source.
  return 'refusal' in reply ? reply.refusal : (reply.value as readonly ExpressionNode[])
}
