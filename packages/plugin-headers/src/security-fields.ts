import { errors } from './errors.ts'
import type { HeadersOptions } from './options.ts'

const aYear = 31_536_000

/** The fields that the presets stand for, each with the key of its preset. */
export function securityFieldsOf(
  options: HeadersOptions,
): [key: string, name: string, value: string][] {
  const fields: [string, string, string | undefined][] = [
    ['frame_deny', 'x-frame-options', options.frame_deny ? 'DENY' : undefined],
    [
      'content_type_nosniff',
      'x-content-type-options',
      options.content_type_nosniff ? 'nosniff' : undefined,
    ],
    ['referrer_policy', 'referrer-policy', options.referrer_policy],
    ['permissions_policy', 'permissions-policy', options.permissions_policy],
    ['content_security_policy', 'content-security-policy', options.content_security_policy],
  ]
  return fields.flatMap(([key, name, value]) => (value === undefined ? [] : [[key, name, value]]))
}

/**
 * Value of `Strict-Transport-Security` (RFC 6797 section 6.1); `undefined` if it is not to be sent.
 * Throws GW_HEADERS_HSTS for what browsers would ignore.
 */
export function hstsOf(options: HeadersOptions): string | undefined {
  const { hsts_seconds: seconds, hsts_preload: preload } = options
  const { hsts_include_subdomains: includeSubdomains } = options
  if (seconds === undefined) {
    if (!preload && !includeSubdomains) return undefined
    const key = preload ? 'hsts_preload' : 'hsts_include_subdomains'
    const problem = `${key} does nothing without hsts_seconds`
    throw errors.GW_HEADERS_HSTS({ problem }, { option: [key] })
  }
  if (preload && (seconds < aYear || !includeSubdomains)) {
    const problem = `hsts_preload needs hsts_include_subdomains and hsts_seconds of at least ${aYear}`
    throw errors.GW_HEADERS_HSTS({ problem }, { option: ['hsts_preload'] })
  }
  const subdomains = includeSubdomains ? '; includeSubDomains' : ''
  return `max-age=${seconds}${subdomains}${preload ? '; preload' : ''}`
}
