import { anyTest, type HttpMatcher } from './http-matcher.ts'
import { tokenArgument } from './token-argument.ts'

/** `Method`: one of the methods, without regard to case. */
export const methodMatcher: HttpMatcher = {
  type: 'Method',
  arity: [1, Infinity],
  compile(args) {
    const methods = args.map((_, position) => tokenArgument(args, position, 'method').toUpperCase())
    return anyTest(
      methods.map((expected) => ({ request }) => {
        const { method } = request
        if (method === expected) return true
        return method.length === expected.length && method.toUpperCase() === expected
      }),
    )
  },
}
