import { errors } from './errors.ts'
import { type StickyOptions, schema } from './options.ts'

/** Throws if keys contradict each other, or if one of them would have no effect. */
export function checkOptions(options: StickyOptions): void {
  const { cookie, header, mode } = options
  if ((cookie === undefined) === (header === undefined)) throw errors.GW_STICKY_NOTHING_TO_GO_BY()
  if (header !== undefined) {
    for (const key of Object.keys(schema.properties)) {
      if (key !== 'header') mustBeUnused(options, key, '"header"')
    }
  }
  if (mode !== 'table') mustBeUnused(options, 'max_sessions', 'mode "cookie-hash"')
  if (cookie !== undefined) checkAttributes(cookie, options)
}

function mustBeUnused(options: StickyOptions, key: string, beside: string): void {
  // Only keys of the schema are asked for, which are those of the options.
  const name = key as keyof StickyOptions
  const { default: unset } = schema.properties[name] as { readonly default?: unknown }
  // What a duration is by default stands there as a text.
  if (options[name] === (name === 'ttl' ? defaultTtlMs : unset)) return
  throw errors.GW_STICKY_UNUSED_KEY({ key, beside }, { option: [key] })
}

const defaultTtlMs = 3_600_000

/** What browsers refuse (RFC 6265bis section 5.7), refused where it can be seen. */
function checkAttributes(name: string, options: StickyOptions): void {
  const { secure, same_site: sameSite, partitioned, path, domain } = options
  const isHost = /^__host-/i.test(name)
  if (secure !== true) {
    if (sameSite === 'none') throw insecure('same_site', '"same_site = none"')
    if (partitioned) throw insecure('partitioned', '"partitioned"')
    if (isHost || /^__secure-/i.test(name)) throw insecure('cookie', `the name "${name}"`)
  }
  if (isHost && (path !== '/' || domain !== undefined)) {
    throw errors.GW_STICKY_HOST_PREFIX({ name }, { option: ['cookie'] })
  }
}

function insecure(option: string, what: string): Error {
  return errors.GW_STICKY_INSECURE({ what }, { option: [option] })
}
