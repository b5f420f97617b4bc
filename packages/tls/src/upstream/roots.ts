import { getCACertificates } from 'node:tls'

let known: readonly string[] | undefined

/**
 * The authorities that are trusted without `ca_files`, in PEM: those of the system, or, on a machine
 * that has none, as in small containers, those that Node brings; besides them what
 * `NODE_EXTRA_CA_CERTS` names. Read once.
 */
export function systemRoots(): readonly string[] {
  known ??= readRoots()
  return known
}

function readRoots(): string[] {
  const system = getCACertificates('system')
  const roots = system.length > 0 ? system : getCACertificates('bundled')
  return [...new Set([...roots, ...getCACertificates('extra')])]
}
