import { Pattern, PatternError } from '../pattern/pattern.ts'
import { ArgumentError } from '../rule/rule-error.ts'

/** The argument at `position` as a pattern. Throws ArgumentError. */
export function patternArgument(args: readonly string[], position: number): Pattern {
  const source = args[position] ?? ''
  try {
    return new Pattern(source)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    const problem = `pattern "${source}" is refused: ${error.message}`
    throw new ArgumentError('GW_RULE_PATTERN', position, problem)
  }
}
