/**
 * Makes names of exports, written as code in a text, links to what the site has on them.
 *
 * @module
 */
import type { MarkdownRenderer } from 'vitepress'
import { apiLink } from './api-entries.ts'
import type { ApiModule, ApiName } from './api-router.ts'

type Token = Parameters<MarkdownRenderer['renderer']['render']>[0][number]

/** Finds the link for a name; `undefined` if it means something else. */
type FindLink = (name: string) => string | undefined

/** Texts for those who write programs. Elsewhere `Connection` is a header field. */
const pages = /^(?:composers\.md|(?:plugins|packages|examples\/plugins)\/)/

/** What texts and code call the objects of which they tell the members. */
const variables: ReadonlyMap<string, string> = new Map([
  ['attempt', 'Attempt'],
  ['ctx', 'RequestContext'],
  ['exchange', 'Exchange'],
  ['gateway', 'PluginGateway'],
  ['pool', 'EndpointPool'],
  ['scope', 'Scope'],
])

/** Links each name where a section mentions it first. */
export function linkNames(markdown: MarkdownRenderer, modules: readonly ApiModule[]): void {
  const tables = new Map(modules.map((module) => [module.link, tableOf(module)]))
  markdown.core.ruler.push('links-to-api', ({ tokens, env, Token: Made }) => {
    const page: unknown = env.relativePath
    if (typeof page !== 'string' || !pages.test(page)) return
    const find = finder(tables, page)
    let seen = new Set<string>()
    for (const token of tokens) {
      if (token.type === 'heading_open') seen = new Set()
      if (token.children === null || isHeading(tokens, token)) continue
      token.children = linked(
        token.children,
        (name) => {
          const link = find(name)
          if (link === undefined || seen.has(link)) return undefined
          seen.add(link)
          return link
        },
        (type, nesting) => new Made(type, 'a', nesting),
      )
    }
  })
}

function isHeading(tokens: readonly Token[], token: Token): boolean {
  return tokens[tokens.indexOf(token) - 1]?.type === 'heading_open'
}

/** Looks into the package of the page, then into those that every author imports. */
function finder(tables: ReadonlyMap<string, ReadonlyMap<string, string>>, page: string): FindLink {
  const own = /^packages\/([^/]+)\.md$/.exec(page)?.[1]
  const names = [...(own === undefined ? [] : [own]), 'kernel', 'testing']
  const order = names.map((name) => tables.get(apiLink(name)))
  return (name) => order.map((table) => table?.get(name)).find((link) => link !== undefined)
}

function tableOf({ exports }: ApiModule): ReadonlyMap<string, string> {
  const names = exports.flatMap(({ name, link, members }): ApiName[] => [
    // A lower-case word in a text is most often an option.
    ...(/[A-Z]/.test(name) ? [{ name, link }] : []),
    ...members.map((member) => ({ name: `${name}.${member.name}`, link: member.link })),
  ])
  return new Map(names.map(({ name, link }) => [name, link]))
}

/** `Scope.keep` of `scope.keep(key, …)`, `definePlugin` of `definePlugin()`. */
function nameIn(code: string): string {
  const [, first = '', rest = ''] = /^(\w+)((?:\.\w+)?)(?:\(.*\))?$/.exec(code) ?? []
  return (variables.get(first) ?? first) + rest
}

function linked(
  tokens: readonly Token[],
  find: FindLink,
  make: (type: string, nesting: -1 | 1) => Token,
): Token[] {
  let depth = 0
  return tokens.flatMap((token) => {
    if (token.type === 'link_open') depth++
    if (token.type === 'link_close') depth--
    const link =
      token.type === 'code_inline' && depth === 0 ? find(nameIn(token.content)) : undefined
    if (link === undefined) return [token]
    const open = make('link_open', 1)
    open.attrSet('href', link)
    return [open, token, make('link_close', -1)]
  })
}
