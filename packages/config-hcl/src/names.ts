const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const plurals: ReadonlyMap<string, string> = new Map([
  ['entrypoint', 'entrypoints'],
  ['router', 'routers'],
  ['service', 'services'],
  ['middleware', 'middlewares'],
  ['provider', 'providers'],
  ['plugin', 'plugins'],
])

/** True for names that plain JavaScript objects give a meaning of their own. */
export function isReserved(name: string): boolean {
  return reserved.has(name)
}

/** The name of a top-level section, which may also be written in the singular. */
export function sectionName(name: string): string {
  return plurals.get(name) ?? name
}
