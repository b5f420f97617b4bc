import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_IP_ALLOW_DENIED: {
    status: 403,
    source: 'client',
    publicMessage: 'Forbidden',
    message: (p: { address: string }) =>
      p.address === '' ? 'the address is not known' : `the address ${p.address} is not let in`,
  },
  GW_IP_ALLOW_NO_LIST: {
    status: 500,
    source: 'config',
    message: () => 'no list says who may come in, and none who may not',
    hint: 'set allowed_ips, denied_ips, allowed_ips_file or denied_ips_file',
  },
  GW_IP_ALLOW_BAD_NETWORK: {
    status: 500,
    source: 'config',
    message: (p: { text: string }) =>
      `expected an address, a network such as 10.0.0.0/8 or a range, found "${p.text}"`,
  },
  GW_IP_ALLOW_BAD_STRATEGY: {
    status: 500,
    source: 'config',
    message: () => 'expected either depth or excluded_ips',
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a client is not let in, and what may be wrong with a block. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
