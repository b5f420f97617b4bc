import { nearest } from '@gatewright/kernel'
import { toList, toText } from './conversion.ts'
import { child, type Rule, unknownFrom, unsupported } from './evaluation.ts'
import { type Fault, MissingVariable } from './fault.ts'
import { checkArity, coalesce, functions } from './functions.ts'
import { variable } from './references.ts'
import { isUnknown, sourcesOf, unknown } from './value.ts'

/** `name(…)` */
export const call: Rule = (node, path, evaluation) => {
  const { name = '', expandedFinalArgument = false } = node.meta ?? {}
  const scoped = scopedFunctions.get(name)
  if (scoped !== undefined && !expandedFinalArgument) return scoped(node, path, evaluation)
  const called = functions.get(name)
  if (called === undefined) throw unknownFunction(name)
  const args = node.children.map((argument) => evaluation.evaluate(argument, path))
  if (args.some(isUnknown)) return unknownFrom(...args)
  const last = expandedFinalArgument ? args.pop() : undefined
  if (last !== undefined) args.push(...toList(last).items)
  checkArity(name, called.arity, args.length)
  const [first = unknown, ...more] = args
  return called.call([first, ...more])
}

/** `env(name[, default])`; the default stands in for an unset variable and for an empty one. */
const env: Rule = (node, path, evaluation) => {
  checkArity('env', [1, 2], node.children.length)
  const argument = evaluation.evaluate(child(node, 0), path)
  if (isUnknown(argument)) return unknownFrom(argument)
  const name = toText(argument)
  const [, fallback] = node.children
  if (fallback === undefined) return variable(name, node, evaluation)
  const value = evaluation.scope.variable(name)
  if (value !== undefined && value.data !== '') return value
  const instead = evaluation.evaluate(fallback, path)
  if (instead.kind !== 'scalar' || instead.template || instead.sources.length > 0) return instead
  // As text it may still become a number or a boolean, like the variable itself.
  return { ...instead, sources: [`environment variable "${name}" (default)`] }
}

/** `file(path)` */
const file: Rule = (node, path, evaluation) => {
  checkArity('file', [1, 1], node.children.length)
  const argument = evaluation.evaluate(child(node, 0), path)
  if (isUnknown(argument)) return unknownFrom(argument)
  const name = toText(argument)
  const sources = sourcesOf(argument)
  const shown = sources.length === 0 ? `"${name}"` : `named by ${sources.join(' and ')}`
  return evaluation.scope.file(name, `file ${shown}`)
}

/** `coalesce(…)`, in which a variable that is not set counts as null. */
const firstOf: Rule = (node, path, evaluation) => {
  checkArity('coalesce', [1, Number.POSITIVE_INFINITY], node.children.length)
  let missing: MissingVariable | undefined
  const values = node.children.flatMap((argument) => {
    try {
      return [evaluation.apply(argument, path)]
    } catch (error) {
      if (!(error instanceof MissingVariable)) throw error
      missing ??= error
      return []
    }
  })
  const found = coalesce(values)
  if (found !== undefined) return found
  throw missing ?? unsupported('every argument of coalesce is null or empty')
}

/** Functions that see more than their arguments. */
const scopedFunctions: ReadonlyMap<string, Rule> = new Map([
  ['env', env],
  ['file', file],
  ['coalesce', firstOf],
])

function unknownFunction(name: string): Fault {
  const known = [...functions.keys(), ...scopedFunctions.keys()]
  if (known.includes(name)) return unsupported(`${name} does not take "..."`)
  const suggestion = nearest(name, known)
  const rest = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
  const hint = `functions: ${known.toSorted().join(', ')}`
  return unsupported(`unknown function "${name}"${rest}`, hint)
}
