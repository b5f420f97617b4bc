/**
 * Says what the grammar's parser found wrong in words that fit what people do wrong most often.
 *
 * @module
 */
import { fromColumn } from '../source-text.ts'
import type { SyntaxFault } from './syntax-fault.ts'

export interface Advice {
  readonly message: string
  readonly hint?: string
}

interface Rule {
  readonly summary: RegExp
  readonly detail?: RegExp
  /** The text from the fault to the end of its line. */
  readonly rest?: RegExp
  readonly advise: (where: Where) => Advice
}

/** The line with the fault, and the part of it that begins with the fault. */
interface Where {
  readonly line: string
  readonly rest: string
}

const separator = 'an argument ends at the end of its line'

/** The first rule that fits is used. */
const rules: readonly Rule[] = [
  {
    summary: /^Invalid character$/,
    rest: /^;/,
    advise: () => ({
      message: 'unexpected ";"',
      hint: 'put each argument on a line of its own, without ";"',
    }),
  },
  {
    summary: /^Invalid character$/,
    rest: /^'/,
    advise: () => ({ message: 'unexpected single quote', hint: 'text needs double quotes: "…"' }),
  },
  {
    summary: /^Invalid character$/,
    rest: /^[“”„]/,
    advise: () => ({ message: 'unexpected curly quote', hint: 'text needs straight quotes: "…"' }),
  },
  {
    summary: /^Invalid character$/,
    rest: /^`/,
    advise: () => ({ message: 'unexpected backtick', hint: 'text needs double quotes: "…"' }),
  },
  {
    summary: /^Invalid (character|expression)$/,
    rest: /^\$\{?/,
    advise: () => ({
      message: 'unexpected "$"',
      hint: 'a variable stands alone, as in NAME, or in quotes, as in "${NAME}"',
    }),
  },
  {
    summary: /^Invalid multi-line string$/,
    advise: () => ({
      message: 'the closing quote is missing',
      hint: 'text of several lines is written as <<EOT … EOT',
    }),
  },
  {
    summary: /^Unterminated template string$/,
    advise: () => ({
      message: 'the end of the text is missing',
      hint: 'a heredoc ends with its marker alone on a line, and a line break behind it',
    }),
  },
  {
    summary: /^Extra characters after interpolation expression$/,
    rest: /^:/,
    advise: defaultAdvice,
  },
  {
    summary: /^Invalid escape sequence$/,
    rest: /^\\/,
    advise: ({ rest }) => ({
      message: `unknown escape ${rest.slice(0, 2)}`,
      hint: 'a backslash is written twice: "\\\\"',
    }),
  },
  {
    summary: /^Invalid single-argument block definition$/,
    advise: () => ({
      message: 'a block on one line holds one argument',
      hint: 'put each argument, and the closing brace, on a line of its own',
    }),
  },
  {
    summary: /^Argument definition required$/,
    advise: () => ({
      message: 'a block on one line holds one argument and no blocks',
      hint: 'put each argument and each block on a line of its own',
    }),
  },
  { summary: /^Missing newline after argument$/, advise: quotesAdvice },
  {
    summary: /^Unexpected comma after argument$/,
    advise: () => ({ message: `unexpected ","; ${separator}` }),
  },
  {
    summary: /^Invalid expression$/,
    rest: /^[/.+*@\\]/,
    advise: ({ rest }) => ({
      message: `unexpected "${rest.charAt(0)}"`,
      hint: 'text needs double quotes: "…"',
    }),
  },
  {
    summary: /^Unclosed configuration block$/,
    advise: () => ({ message: 'the block is never closed', hint: 'look for a missing "}"' }),
  },
  {
    summary: /^Invalid argument name$/,
    advise: () => ({ message: 'the name of an argument or block stands without quotes' }),
  },
  {
    summary: /^Invalid block definition$/,
    detail: /^The equals sign/,
    advise: () => ({ message: 'unexpected "=" after a label; a block has none' }),
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^[^\s=:{]+\s*:/,
    advise: ({ rest }) => ({
      message: 'expected "=" or "{"',
      hint: `write ${rest.split(':', 1)[0]?.trim() ?? ''} = …`,
    }),
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^\}/,
    advise: () => ({ message: 'unexpected "}"', hint: 'look for a brace too many' }),
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^[\p{ID_Start}_][\p{ID_Continue}-]*\s*$/u,
    advise: () => ({
      message: 'expected "=" or "{" after the name',
      hint: 'the brace of a block stands on the line of its name',
    }),
  },
  {
    summary: /^Argument or block definition required$/,
    advise: () => ({ message: 'expected the name of an argument or block' }),
  },
]

/** `line` is the line in which the fault begins. */
export function advise(fault: SyntaxFault, line: string): Advice {
  const rest = fromColumn(line, fault.range.start.column)
  const rule = rules.find(
    ({ summary, detail = /^/, rest: text = /^/ }) =>
      summary.test(fault.summary) && detail.test(fault.detail) && text.test(rest),
  )
  return rule?.advise({ line, rest }) ?? { message: inHouseStyle(fault) }
}

/** `"${NAME:-x}"`, as in shells. */
function defaultAdvice({ line }: Where): Advice {
  const [, name = 'NAME', value = '…'] = /\$\{\s*(\w+)\s*:-?([^}"]*)/.exec(line) ?? []
  return {
    message: 'unexpected ":" in a template',
    hint: `a default is written as env("${name}", "${value}")`,
  }
}

/** `timeout = 10s`, `strategy = least connections`: text that lost its quotes. */
function quotesAdvice({ line, rest }: Where): Advice {
  const [, value] = /^[^="]*=\s*([^"'[{(<]+?)\s*(?:#.*|\/\/.*)?$/.exec(line) ?? []
  const message = `unexpected "${/^[\w-]+|^./u.exec(rest)?.[0] ?? ''}"; ${separator}`
  return value === undefined || value.includes(' = ')
    ? { message }
    : { message, hint: `text needs double quotes: "${value}"` }
}

/** Lower case, no full stop, in one piece. */
function inHouseStyle({ summary, detail }: SyntaxFault): string {
  const [sentence = ''] = detail.split(/\.(?:\s|$)/)
  const text = sentence === '' ? summary : `${lowerFirst(summary)}: ${lowerFirst(sentence)}`
  return lowerFirst(text)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
