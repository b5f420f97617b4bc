import { isIP } from 'node:net'
import type { ConfigPath, Scope } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import type { PairPlan } from '../key-pair.ts'
import type { PemFile } from '../pem-file.ts'
import { defaultUpstreamTls, type UpstreamTlsOptions } from './options.ts'

/** A block `upstream_tls` with its paths made absolute: what makes two of them the same. */
export interface UpstreamPlan {
  /** Empty for those that the system trusts. */
  readonly authorities: readonly PemFile[]
  readonly own: PairPlan | undefined
  readonly serverName: string | undefined
  readonly insecure: boolean
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** Labels of letters, digits, `-` and `_`; the last one is no number, which only addresses end in. */
const hostName = /^(?:[\w-]{1,63}\.)*(?!\d+\.?$)[\w-]{1,63}\.?$/

/**
 * Reads no file.
 * @param block Where the block stands, for errors.
 * @param failures Gets GW_TLS_SERVER_NAME and GW_TLS_PAIR_INCOMPLETE; the plan is of no use then.
 */
export function upstreamPlanOf(
  options: UpstreamTlsOptions = defaultUpstreamTls,
  scope: Pick<Scope, 'resolvePath'>,
  block: ConfigPath,
  failures: unknown[],
): UpstreamPlan {
  const named = (path: string, ...option: ConfigPath): PemFile => ({
    path: scope.resolvePath(path),
    option: [...block, ...option],
  })
  const { cert_file: cert, key_file: key, ca_files: caFiles = [], server_name: name } = options
  if (name !== undefined && isIP(name) === 0 && !hostName.test(name)) {
    failures.push(errors.GW_TLS_SERVER_NAME({ name }, { option: [...block, 'server_name'] }))
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [found, missing] =
      cert === undefined
        ? (['key_file', 'cert_file'] as const)
        : (['cert_file', 'key_file'] as const)
    const params = { found, missing }
    failures.push(errors.GW_TLS_PAIR_INCOMPLETE(params, { option: [...block, found] }))
  }
  return {
    authorities: caFiles.map((path, i) => named(path, 'ca_files', i)),
    own:
      cert === undefined || key === undefined
        ? undefined
        : { cert: named(cert, 'cert_file'), key: named(key, 'key_file'), domains: undefined },
    serverName: name,
    insecure: options.insecure_skip_verify,
    minVersion: `TLSv${options.min_version}`,
  }
}
