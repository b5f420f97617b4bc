import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_MANAGEMENT_OPEN: {
    status: 500,
    source: 'config',
    message: (p: { address: string }) =>
      `${p.address} can be reached from other machines, so whoever asks there has to show something`,
    hint: 'set "token" or "admin_token", have "tls" require certificates of clients, or listen on 127.0.0.1',
  },
  GW_MANAGEMENT_SAME_TOKEN: {
    status: 500,
    source: 'config',
    message: () => 'the same text as "token", so whoever may read could change things as well',
  },
  GW_MANAGEMENT_NETWORK: {
    status: 500,
    source: 'config',
    message: (p: { text: string }) =>
      `expected an address or a network such as 10.0.0.0/8, found "${p.text}"`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** What can be wrong with a `management` block. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
