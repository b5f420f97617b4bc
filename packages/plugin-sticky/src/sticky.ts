import {
  defineServiceFeature,
  type Scope,
  type Service,
  type ServiceFeatureFactory,
} from '@gatewright/kernel'
import type { Bindings } from './bindings.ts'
import { CookieStickiness } from './cookie-stickiness.ts'
import { errors } from './errors.ts'
import { HashBindings } from './hash-bindings.ts'
import { HeaderStickiness } from './header-stickiness.ts'
import { type StickyOptions, schema } from './options.ts'
import { checkOptions } from './options-check.ts'
import { StickyKey } from './sticky-key.ts'
import { StickySessions } from './sticky-sessions.ts'
import { TableBindings } from './table-bindings.ts'

/** The `sticky` block of a service. */
export const sticky: ServiceFeatureFactory<StickyOptions> = defineServiceFeature({
  type: 'sticky',
  parent: 'load_balancer',
  schema,
  // Around `mirror`, so that copies are without the cookie, too, but within `panic_threshold`, which
  // decides who is available.
  stage: -150,
  create(options, service, scope) {
    checkOptions(options)
    const { cookie, header, mode } = options
    if (header !== undefined) return new HeaderStickiness(header, scope)
    const bindings =
      mode === 'table'
        ? createTable(options, service, scope)
        : new HashBindings(service, keyOf(options, scope), refreshOf(options))
    return new CookieStickiness(cookie ?? '', options, service, bindings)
  },
})

function createTable(options: StickyOptions, service: Service, scope: Scope): Bindings {
  const { secret, ttl, max_sessions: maxSessions, on_unhealthy: onUnhealthy } = options
  if (scope.share < 1) {
    const problem = 'each would have a table of its own; use mode "cookie-hash"'
    throw errors.GW_STICKY_SEVERAL_PROCESSES({ problem }, { option: ['mode'] })
  }
  const id = JSON.stringify([service.name, ttl, maxSessions])
  const sessions = scope.keep(`sticky:${id}`, () => new StickySessions(ttl, maxSessions))
  let following: Disposable | undefined
  scope.onActivate(() => {
    following = sessions.follow(service.pool, onUnhealthy === 'rebind')
  })
  scope.onDeactivate(() => following?.[Symbol.dispose]())
  const key = secret === undefined ? randomKey(scope) : new StickyKey(secret)
  return new TableBindings(service, key, sessions, refreshOf(options))
}

function keyOf({ secret }: StickyOptions, scope: Scope): StickyKey {
  if (secret !== undefined) return new StickyKey(secret)
  if (scope.share < 1 && scope.sharedSecret === undefined) {
    const problem = 'without "secret", none would know the cookies of the others'
    throw errors.GW_STICKY_SEVERAL_PROCESSES({ problem })
  }
  const key = randomKey(scope)
  scope.onActivate(() => key.warn(scope.log))
  return key
}

/** One for all services, and for all processes that work alike. */
function randomKey(scope: Scope): StickyKey {
  const { sharedSecret } = scope
  return scope.keep('sticky:key', () =>
    sharedSecret === undefined ? StickyKey.random() : new StickyKey(sharedSecret),
  )
}

function refreshOf({ ttl, refresh }: StickyOptions): number | undefined {
  return refresh && ttl > 0 ? ttl / 2 : undefined
}
