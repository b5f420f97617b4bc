import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseText } from '../src/grammar/grammar.ts'
import { parseHcl } from '../src/index.ts'

/** Longer runs find more: `HCL_TEST_SECONDS=600`. */
const seconds = Number(process.env['HCL_TEST_SECONDS'] ?? 2)

const env = { NAME: 'value' }

async function evaluate(expression: string): Promise<unknown> {
  const document = await parseHcl(`x = ${expression}\n`, { file: 'test.hcl', env })
  return document.config['x']
}

describe('templates', () => {
  it.each([
    ['"${NAME}"', 'value'],
    ['"pre-${NAME}-post"', 'pre-value-post'],
    ['"$${NAME}"', '${NAME}'],
    ['"$$${NAME}"', '$${NAME}'],
    ['"%%{NAME}"', '%{NAME}'],
    ['"\\u0024{NAME}"', '${NAME}'],
    ['"\\u0024${NAME}"', '$value'],
    ['"${"$"}${NAME}"', '$value'],
    ['"a\\tb\\"\\\\${NAME}\\U0001F600"', 'a\tb"\\value\u{1F600}'],
    ['"a ${~ NAME ~} b"', 'avalueb'],
    ['"${1}${true}${NAME}"', '1truevalue'],
    ['"é${NAME}"', 'évalue'],
    ['<<EOT\n  a ${NAME}\n  \\n $${b}\nEOT', '  a value\n  \\n ${b}\n'],
    ['<<-EOT\n    a ${NAME}\n      b\n\n    ${NAME}\n  EOT', 'a value\n  b\n\nvalue\n'],
    ['<<EOT\r\na ${NAME}\r\nEOT\r\n', 'a value\r\n'],
  ])('reads %s', async (expression, expected) => {
    expect(await evaluate(expression)).toBe(expected)
  })

  it('agrees with the parser on literal text, trimming and indentation', {
    timeout: seconds * 1000 + 30_000,
  }, async () => {
    const text = fc.constantFrom(
      'a',
      ' ',
      '  ',
      '\t',
      '$',
      '%',
      '$${',
      '%%{',
      'é',
      'e\u0301',
      ' {',
      '}',
    )
    const sequence = fc.constantFrom('${V}', '${~V}', '${V~}', '${~V~}')
    const quoted = fc
      .array(fc.oneof(text, sequence, fc.constantFrom('\\n', '\\"', '\\\\', '\\u0041')))
      .map((parts) => `"${parts.join('')}"`)
    const heredoc = fc
      .tuple(
        fc.constantFrom('<<EOT', '<<-EOT'),
        fc.array(fc.oneof(text, sequence, fc.constantFrom('\n', '\n  ', '\n   '))),
      )
      .map(([start, parts]) => `${start}\n${parts.join('')}\nEOT`)
    const property = fc.asyncProperty(fc.oneof(quoted, heredoc), async (template) => {
      // The parser trims up to a lone `$` or `%`, as its lexer cuts text there.
      fc.pre(!template.includes('~') || !/[$%][^{]/.test(template))
      const expected = await parseText('', `x = ${template.replaceAll('V', '"value"')}\n`)
      fc.pre(typeof expected !== 'string')

      const evaluated = String(await evaluate(template.replaceAll('V', 'NAME')))

      // `$` and `${V}` side by side are an escape, and the name in it is text.
      expect(evaluated.replaceAll('NAME', '"value"')).toBe(unescape(expected['x']))
    })
    await fc.assert(property, {
      numRuns: 100_000,
      interruptAfterTimeLimit: seconds * 1000,
      markInterruptAsFailure: false,
    })
  })
})

/** The parser leaves these two escapes in its JSON. */
function unescape(json: unknown): string {
  if (typeof json !== 'string') throw new TypeError('expected text')
  return json.replace(/\$\$\{|%%\{/g, (match) => match.slice(1))
}
