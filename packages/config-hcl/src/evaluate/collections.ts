import type { ConfigPath } from '@gatewright/kernel'
import type { ExpressionNode } from '../grammar/grammar.ts'
import { isReserved } from '../names.ts'
import { constantKey } from '../scan/literal.ts'
import { toText } from './conversion.ts'
import { child, type Evaluation, type Rule } from './evaluation.ts'
import { Fault } from './fault.ts'
import { isUnknown, type Value } from './value.ts'

/** `[…]` */
export const tuple: Rule = (node, path, evaluation) => {
  const items = node.children.map((item, at) => evaluation.evaluate(item, [...path, at]))
  return { kind: 'list', items }
}

/** `{…}`; children of the node are keys and values by turns. */
export const object: Rule = (node, path, evaluation) => {
  const entries = new Map<string, Value>()
  for (let at = 0; at < node.children.length; at += 2) {
    const keyNode = child(node, at)
    const key = keyOf(keyNode, path, evaluation)
    if (key === undefined) continue
    if (entries.has(key) && isComputed(keyNode)) throw duplicate(keyNode, evaluation)
    entries.set(key, evaluation.evaluate(child(node, at + 1), [...path, key]))
  }
  return { kind: 'dictionary', entries }
}

/** A bare word is a name; everything else is evaluated. `undefined` if that failed. */
function keyOf(node: ExpressionNode, path: ConfigPath, evaluation: Evaluation): string | undefined {
  const [inner] = node.children
  if (inner === undefined) return evaluation.source.nameAt(node)
  const value = evaluation.evaluate(inner, path)
  if (isUnknown(value)) return undefined
  const key = toText(value)
  if (isReserved(key)) throw new Fault('GW_CONFIG_NAME', `"${key}" is reserved`)
  return key
}

/** Constant keys are compared by the structure check. */
function isComputed(key: ExpressionNode): boolean {
  const [inner] = key.children
  return inner !== undefined && constantKey(inner.meta?.value ?? '') === undefined
}

/** The key is not shown, as it may come from the environment. */
function duplicate(key: ExpressionNode, evaluation: Evaluation): Fault {
  const fault = new Fault('GW_CONFIG_DUPLICATE', 'duplicate definition of a computed key')
  fault.span = evaluation.source.span(child(key, 0))
  return fault
}
