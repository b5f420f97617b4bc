/**
 * The errors of this package: one per fault of a client, and those that have no number.
 *
 * @module
 */
import {
  defineErrors,
  type ErrorCatalogue,
  type ErrorKind,
  type GatewayError,
  errors as kernelErrors,
} from '@gatewright/kernel'
import { describeFault, Fault, type FaultDetail, faultDetails } from './faults.ts'

const catalogue = {
  GW_HTTP1_RESPONSE_TOO_LARGE: {
    status: 502,
    source: 'upstream',
    proxyStatus: 'http_response_header_section_size',
    publicMessage: 'Bad gateway',
    message: (p: { endpoint: string; problem: string }) =>
      `"${p.endpoint}" sent a response beyond the limits: ${p.problem}`,
  },
  GW_HTTP1_UNSENDABLE: {
    status: 500,
    source: 'gateway',
    message: (p: { part: 'method' | 'target' | 'host'; value: string }) =>
      `${p.part} ${JSON.stringify(p.value)} cannot be sent`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** The errors that have no number among the faults. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)

const requestErrors = defineErrors(
  Object.fromEntries(
    [...faultDetails.values()].map((detail) => [detail.code, kindOfFault(detail)]),
  ),
)

const tooLarge: readonly number[] = [
  Fault.headTooLarge,
  Fault.tooManyFields,
  Fault.chunkOverheadTooLarge,
]

/** The error of a request with a fault; its code and status are those of the fault. */
export function requestError(fault: number): GatewayError {
  const { code, problem } = describeFault(fault)
  const make = requestErrors[code]
  if (make === undefined) throw new RangeError(problem)
  return make()
}

/** The error of a response with a fault: 502, whatever it is. */
export function responseError(fault: number, endpoint: string): GatewayError {
  const { problem } = describeFault(fault)
  return tooLarge.includes(fault)
    ? errors.GW_HTTP1_RESPONSE_TOO_LARGE({ endpoint, problem })
    : kernelErrors.GW_UPSTREAM_PROTOCOL({ endpoint, problem })
}

/** The error of a response that switches protocols although the request did not ask for it. */
export function unaskedSwitch(endpoint: string): GatewayError {
  const problem = 'it switched protocols without being asked to'
  return kernelErrors.GW_UPSTREAM_PROTOCOL({ endpoint, problem })
}

function kindOfFault({ status, problem }: FaultDetail) {
  return { status, source: 'client', message: () => problem } as const
}
