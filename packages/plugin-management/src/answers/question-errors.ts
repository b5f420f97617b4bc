import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_QUESTION_INVALID: {
    status: 400,
    source: 'client',
    message: (p: { what: string; expected: string; found: string }) =>
      `${p.what}: expected ${p.expected}, found ${p.found}`,
  },
  GW_QUESTION_UNKNOWN: {
    status: 404,
    source: 'client',
    message: (p: {
      kind: string
      name: string
      nearest: string | undefined
      known: readonly string[]
    }) =>
      `there is no ${p.kind} "${p.name}"; ${
        p.nearest === undefined ? `known are: ${listed(p.known)}` : `did you mean "${p.nearest}"?`
      }`,
  },
  GW_QUESTION_ENTRYPOINT: {
    status: 400,
    source: 'client',
    message: (p: { url: string; known: readonly string[] }) =>
      p.known.length === 0
        ? `no entrypoint takes what "${p.url}" asks for`
        : `several entrypoints may be meant by "${p.url}": ${listed(p.known)}`,
    hint: 'name it: --entrypoint for the command, "entrypoint" in a question to the API',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What is wrong with a question about routers. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ')
}
