/** The URL of a server without what may be secret, which is its name in all answers. */
export function urlOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}
