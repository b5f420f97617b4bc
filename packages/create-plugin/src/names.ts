import { CreationRefused } from './creation-refused.ts'

const rule =
  'lower-case words joined by "-", beginning with a letter, at most 48 characters: geo-block'
const pattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const scopePattern = /^@[a-z0-9][a-z0-9._-]*$/
const maxLength = 48

/** Returns the name, or throws CreationRefused with the rule and a name that keeps it. */
export function checkName(name: string): string {
  if (pattern.test(name) && name.length <= maxLength && !hasPrefix(name)) return name
  const scope = /^(@[^/]+)\//.exec(name)?.[1]
  const better = suggestName(name.slice(scope === undefined ? 0 : scope.length + 1))
  const found = `"${name}" cannot be the name of a plugin`
  const suggestion =
    scope === undefined || better === undefined ? better : `${better} --scope ${scope}`
  throw new CreationRefused(`${found}; expected ${hasPrefix(name) ? noPrefix : rule}`, {
    suggestion,
  })
}

const noPrefix = 'the name without "gatewright-plugin-", which the package gets by itself'

/** Returns the scope with its `@`. Throws CreationRefused. */
export function checkScope(scope: string): string {
  const full = scope.startsWith('@') ? scope : `@${scope}`
  if (scopePattern.test(full)) return full
  throw new CreationRefused(`"${scope}" cannot be a scope; expected one such as @acme`)
}

/** `geo-block` as the placeholder stands in templates: `GeoBlock`, `GEO_BLOCK`, … */
export function formsOf(name: string): Readonly<Record<string, string>> {
  const words = name.split('-')
  return {
    'my-plugin': name,
    my_plugin: words.join('_'),
    MY_PLUGIN: words.join('_').toUpperCase(),
    MyPlugin: words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(''),
  }
}

function hasPrefix(name: string): boolean {
  return /^gatewright-(?:plugin-)?/.test(name)
}

/** The nearest name that keeps the rule; `undefined` if nothing is left of it. */
function suggestName(name: string): string | undefined {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('-')
    .replace(/^gatewright-(?:plugin-)?/, '')
    .replace(/^[^a-z]+/, '')
    .slice(0, maxLength)
    .replace(/-$/, '')
  return pattern.test(words) ? words : undefined
}
