/** Makes texts that are nearly HCL: the same ones for the same seed. */
export function createMutator(samples: readonly string[], seed: number): () => string {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <T>(list: readonly [T, ...T[]]): T => list[below(list.length)] ?? list[0]

  const mutations: readonly [Mutation, ...Mutation[]] = [
    (text, at) => text.slice(0, at) + text.slice(at + 1 + below(8)),
    (text, at) => text.slice(0, at) + pick(tokens) + text.slice(at),
    (text, at) => text.slice(0, at) + pick(tokens) + text.slice(at + 1),
    (text, at) => {
      const part = text.slice(at, at + below(40))
      const to = below(text.length)
      return text.slice(0, to) + part + text.slice(to)
    },
    (text, at) => text.slice(at, at + 20 + below(400)),
    (text) => text.replaceAll('\n', '\r\n'),
  ]

  return () => {
    const lines = samples[below(samples.length)]?.split(/(?<=\n)/) ?? []
    const from = below(lines.length)
    let text = random() < 0.5 ? lines.join('') : lines.slice(from, from + 1 + below(12)).join('')
    for (let count = 1 + below(3); count > 0; count--)
      text = pick(mutations)(text, below(text.length))
    return text
  }
}

type Mutation = (text: string, at: number) => string

// biome-ignore format: a list of tokens is easier to read in lines.
const tokens = [
  '{', '}', '[', ']', '(', ')', '"', "'", '=', '==', '=>', ':', '::', ',', ';', '.', '...', '?',
  '\n', '\r\n', '\r', '\t', ' ', '\\', '$', '%', '${', '%{', '$${', '%%{', '~', '${~ a ~}', '"x"',
  '#', '//', '/*', '*/', '<<EOT\n', '\nEOT\n', '<<-E\n', '\nE\n', 'a', 'a = 1\n', 'a b {\n}\n',
  'a "b" {}\n', '{ a = 1 }', '[1, 2]', '[for a in b : a]', '{for a in b : a => a}', 'x[0]', 'x.*.y',
  'x[*]', '-', '!', '+', '*', '/', '&&', '||', '<', '>', '1', '1.5', '1e3', '9007199254740993',
  'true', 'null', 'for', 'if', 'in', 'é', '\u{1F600}', '\u{1D4B3}', '\uFEFF', '\0', '__proto__',
  '{ __proto__ = 1 }', '"\\u0041"', '"\\q"', 'f(x...)', '{ (a) = 1 }', '{ "${a}" = 1 }',
] as const satisfies readonly [string, ...string[]]

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
