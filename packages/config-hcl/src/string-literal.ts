const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
}

/**
 * The text that the inside of a quoted string stands for. What the grammar would refuse, such as an
 * unknown escape, is kept as it is.
 */
export function decodeQuoted(source: string): string {
  return source
    .replace(
      /\$\$\{|%%\{|\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\(.)/g,
      (match, short?: string, long?: string, letter?: string) => {
        const digits = short ?? long
        if (digits !== undefined) return fromCodePoint(digits) ?? match
        if (letter !== undefined) return escapes[letter] ?? match
        return match.slice(1)
      },
    )
    .normalize('NFC')
}

/** The text that the inside of a heredoc stands for; it has no backslash escapes. */
export function decodeHeredoc(source: string): string {
  return source.replace(/\$\$\{|%%\{/g, (match) => match.slice(1)).normalize('NFC')
}

function fromCodePoint(digits: string): string | undefined {
  const point = Number.parseInt(digits, 16)
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined
}
