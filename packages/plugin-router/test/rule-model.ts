import fc from 'fast-check'
import type { TestRequest } from './test-routing.ts'

/** A rule as data, with a meaning that is spelt out below, apart from the compiler's. */
export type Condition =
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] }

const calls: fc.Arbitrary<Condition> = fc.oneof(
  call('Host', fc.constantFrom('a.com', 'b.com', 'x.a.com', '*.a.com', '*', 'a.com:81'), 2),
  call('Path', fc.constantFrom('/', '/a', '/ab', '/a/b', '/b'), 2),
  call('PathPrefix', fc.constantFrom('/', '/a', '/ab', '/a/', '/a/b', '/z'), 2),
  call('Method', fc.constantFrom('GET', 'POST'), 1),
  fc.constantFrom('1', '2').map((value): Condition => {
    return { kind: 'call', name: 'Header', args: ['X-A', value] }
  }),
)

/** Any rule over a small vocabulary. */
export const conditions: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: calls, weight: 4 },
    fc.record({ kind: fc.constant('not' as const), operand: tie('node') }),
    {
      arbitrary: fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
      }),
      weight: 4,
    },
  ),
})).node

/** The rule as text, with no more parentheses than it needs. */
export function print(condition: Condition): string {
  switch (condition.kind) {
    case 'call':
      return `${condition.name}(${condition.args.map((arg) => `\`${arg}\``).join(', ')})`
    case 'not':
      return `!${enclosed(condition.operand, ['and', 'or'])}`
    case 'and':
      return condition.operands.map((operand) => enclosed(operand, ['or'])).join(' && ')
    case 'or':
      return condition.operands.map((operand) => print(operand)).join(' || ')
  }
}

/** What the documentation says that the rule means. */
export function holds(condition: Condition, request: TestRequest): boolean {
  switch (condition.kind) {
    case 'call':
      return condition.name === 'Header'
        ? holdsHeader(condition.args, request)
        : condition.args.some((arg) => holdsCall(condition.name, arg, request))
    case 'not':
      return !holds(condition.operand, request)
    case 'and':
      return condition.operands.every((operand) => holds(operand, request))
    case 'or':
      return condition.operands.some((operand) => holds(operand, request))
  }
}

function holdsCall(name: string, arg: string, request: TestRequest): boolean {
  const path = decodeURIComponent(request.target ?? '').replace(/\?.*/, '')
  switch (name) {
    case 'Host':
      return holdsHost(arg, request.host ?? '')
    case 'Path':
      return path === arg
    case 'PathPrefix':
      return path.startsWith(arg)
    default:
      return request.method === arg
  }
}

function holdsHost(arg: string, host: string): boolean {
  if (arg.includes(':')) return host === arg
  const [name = ''] = host.split(':')
  if (arg === '*') return true
  if (!arg.startsWith('*.')) return name === arg
  return name.split('.').slice(1).join('.') === arg.slice(2)
}

function holdsHeader(args: readonly string[], { headers = [] }: TestRequest): boolean {
  return headers.some(([name, value]) => name === args[0] && value === args[1])
}

function call(name: string, arg: fc.Arbitrary<string>, max: number): fc.Arbitrary<Condition> {
  return fc
    .array(arg, { minLength: 1, maxLength: max })
    .map((args): Condition => ({ kind: 'call', name, args }))
}

function enclosed(condition: Condition, kinds: readonly Condition['kind'][]): string {
  const text = print(condition)
  return kinds.includes(condition.kind) ? `(${text})` : text
}
