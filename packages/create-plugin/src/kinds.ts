/** What a plugin may be for, and what of it the template of that kind shows. */
export const kinds = {
  middleware: 'looks at requests and responses of a router, or decides whether they go on',
  provider: 'brings configuration from somewhere else, and follows its changes',
  balancer: 'chooses the server of a service for each request',
  matcher: 'a function for the rules of routers',
  protocol: 'listens, and turns what clients say into requests',
  'service-feature': 'a block of services, around balancing and sending',
  hook: 'looks at everything that goes through a gateway, without being named in a route',
} as const satisfies Readonly<Record<string, string>>

/** One of {@link kinds}. */
export type Kind = keyof typeof kinds

/** What a middleware may be: one that looks at things going by, or one that is around the rest. */
export const styles = {
  filter: 'sees each request on its way in and each response on its way out',
  around: 'decides whether, when and how often the rest runs',
} as const satisfies Readonly<Record<string, string>>

/** One of {@link styles}. */
export type Style = keyof typeof styles

/** Package managers that a project can be set up for. */
export const packageManagers = ['npm', 'pnpm', 'yarn'] as const

/** One of {@link packageManagers}. */
export type PackageManager = (typeof packageManagers)[number]

/** Licences whose text is at hand. */
export const licenses = ['MIT', 'ISC', 'Apache-2.0', 'UNLICENSED'] as const

/** One of {@link licenses}. */
export type License = (typeof licenses)[number]
