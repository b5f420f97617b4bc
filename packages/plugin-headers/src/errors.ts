import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_HEADERS_INVALID_FIELD: {
    status: 500,
    source: 'config',
    message: (p: { name: string; problem: 'name' | 'value' }) =>
      `${JSON.stringify(p.name)} ${p.problem === 'name' ? 'is no field name' : 'has a value that no field may have'}`,
    hint: 'values are ASCII or Latin-1 without control characters',
  },
  GW_HEADERS_FORBIDDEN_FIELD: {
    status: 500,
    source: 'config',
    message: (p: { name: string }) => `"${p.name}" belongs to the connection and cannot be changed`,
  },
  GW_HEADERS_HOST_FIELD: {
    status: 500,
    source: 'config',
    message: () => '"host" cannot be changed here',
    hint: 'use host_override',
  },
  GW_HEADERS_DUPLICATE_FIELD: {
    status: 500,
    source: 'config',
    message: (p: { name: string; first: string }) => `"${p.name}" is set by ${p.first} already`,
  },
  GW_HEADERS_UNKNOWN_PLACEHOLDER: {
    status: 500,
    source: 'config',
    message: (p: { placeholder: string; known: string }) =>
      `unknown placeholder "{${p.placeholder}}"; known: ${p.known}`,
  },
  GW_HEADERS_HSTS: {
    status: 500,
    source: 'config',
    message: (p: { problem: string }) => p.problem,
    hint: 'see https://hstspreload.org for what browsers want of a preloaded host',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why options are refused. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
