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

const brace = 'the brace of a block stands on the line of its name'
const separator = 'an argument ends at the end of its line'

/** A line of an argument that ends within quotes. */
const openQuote = /^[^"#]*=[^"]*(?:"(?:[^"\\]|\\.)*"[^"]*)*"(?:[^"\\]|\\.)*$/

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
    summary: /^Invalid character$/,
    advise: ({ rest }) => ({ message: `unexpected character ${characterAt(rest)}` }),
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
    advise: ({ line }) => ({
      message: 'the end of the text is missing',
      hint: openQuote.test(line)
        ? 'look for a missing closing quote; the file ends within the text'
        : 'a heredoc ends with its marker alone on a line, and a line break behind it',
    }),
  },
  {
    summary: /^Unclosed template interpolation sequence$/,
    advise: () => ({ message: '"${" is never closed', hint: 'look for a missing "}"' }),
  },
  {
    summary: /^Unterminated function call$|^Unbalanced parentheses$/,
    advise: () => ({ message: 'the parenthesis is never closed' }),
  },
  {
    summary: /^Missing false expression in conditional$/,
    advise: () => ({ message: 'a conditional needs ":" and a second value' }),
  },
  {
    summary: /^Extra characters after interpolation expression$/,
    rest: /^:/,
    advise: defaultAdvice,
  },
  {
    summary: /^Invalid escape sequence$/,
    rest: /^\\u/i,
    advise: ({ rest }) => ({
      message: `invalid character code after ${rest.slice(0, 2)}`,
      hint: 'write \\u and 4, or \\U and 8 hexadecimal digits',
    }),
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
  { summary: /^Invalid number literal$/, advise: numberAdvice },
  {
    summary: /^(Invalid|Missing) expression$/,
    rest: /^\s*$/,
    advise: () => ({
      message: 'expected a value, found the end of the line',
      hint: 'an expression that goes on in the next line needs parentheses around it',
    }),
  },
  {
    summary: /^Invalid expression$/,
    rest: /^</,
    advise: () => ({
      message: 'unexpected "<"',
      hint: 'a heredoc begins with <<NAME, without quotes, at the end of a line',
    }),
  },
  {
    summary: /^Invalid expression$/,
    rest: /^\+/,
    advise: () => ({ message: 'unexpected "+"', hint: 'a number has no "+"' }),
  },
  {
    summary: /^Invalid expression$/,
    rest: /^[/.*@\\]/,
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
    summary: /^Invalid block definition$/,
    advise: () => ({ message: 'expected a label or "{"', hint: brace }),
  },
  {
    summary: /^Missing newline after block definition$/,
    advise: () => ({ message: 'unexpected text behind a block; it ends at the end of its line' }),
  },
  {
    summary: /^Invalid string literal$/,
    detail: /^Template sequences/,
    advise: () => ({ message: 'a template is not possible here', hint: 'labels are constant' }),
  },
  {
    summary: /^Missing item separator$/,
    advise: () => ({ message: 'expected "," or "]"', hint: 'commas separate the items of a list' }),
  },
  {
    summary: /^Missing attribute separator$/,
    advise: () => ({ message: 'expected ",", "}" or the end of the line' }),
  },
  {
    summary: /^Missing key\/value separator$/,
    advise: () => ({ message: 'expected "=" and a value after the key' }),
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^[^\s=:{]+\s*:/,
    advise: ({ rest }) => {
      const name = rest.split(':', 1)[0]?.trim() ?? ''
      return { message: 'expected "=" or "{"', hint: `write ${name} = …, or ${name} { … }` }
    },
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^\/\*/,
    advise: () => ({ message: 'the comment is never closed', hint: 'it ends with "*/"' }),
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
      hint: brace,
    }),
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^[^\s=]+\s*==/,
    advise: () => ({ message: 'expected "=" after the name, found "=="' }),
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^[\p{ID_Start}_][\p{ID_Continue}-]*\./u,
    advise: () => ({ message: 'unexpected "." in a name', hint: 'put a block into a block' }),
  },
  {
    summary: /^Argument or block definition required$/,
    rest: /^\d/,
    advise: () => ({ message: 'a name begins with a letter' }),
  },
  {
    summary: /^Argument or block definition required$/,
    advise: () => ({
      message: 'expected the name of an argument or block',
      hint: 'as in rate = 1, or in routers "api" { … }',
    }),
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
  const token = /^[\w-]+|^[^"]/u.exec(rest)?.[0]
  const found = token === undefined ? 'text' : `"${token}"`
  return withQuotesHint(`unexpected ${found}; ${separator}`, line)
}

/** `address = 0.0.0.0:80` */
function numberAdvice({ line, rest }: Where): Advice {
  const token = /^[\w.]+/.exec(rest)?.[0] ?? ''
  return withQuotesHint(`"${token}" is not a number`, line)
}

/** Shows the value of a line in quotes, if it has none. */
function withQuotesHint(message: string, line: string): Advice {
  const [, value] = /^[^="]*=\s*([^"'[{(<]+?)"?\s*(?:\s#.*|\s\/\/.*)?$/.exec(line) ?? []
  if (value === undefined || value.includes(' = ')) return { message }
  const number = /^\d/.test(value) ? 'a number has decimal digits only; ' : ''
  return { message, hint: `${number}text needs double quotes: "${value}"` }
}

/** Characters that nobody can see are shown by their number. */
function characterAt(rest: string): string {
  const point = rest.codePointAt(0) ?? 0
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  return /^[\p{L}\p{P}\p{S}]/u.test(rest) ? `"${String.fromCodePoint(point)}"` : code
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
