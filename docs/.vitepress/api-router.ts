import {
  type DeclarationReflection,
  type PageDefinition,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  type Router,
} from 'typedoc'
import { MemberRouter } from 'typedoc-plugin-markdown'

/** What has a place in the pages: an export, or a member of one, such as `Scope.keep`. */
export interface ApiName {
  readonly name: string
  /** Such as `/api/kernel/interfaces/Scope#keep`. */
  readonly link: string
}

/** An export. */
export interface ApiExport extends ApiName {
  /** Such as `Functions`. */
  readonly kind: string
  readonly members: readonly ApiName[]
}

/** An entry with what it exports. */
export interface ApiModule extends ApiName {
  readonly exports: readonly ApiExport[]
}

/** Entries in which each export has a page: many, and all looked up by their names. */
const withPages: readonly string[] = ['@gatewright/kernel', '@gatewright/testing']

/** Gives the exports of large entries pages of their own, and each other entry one for all. */
export class ApiRouter extends MemberRouter {
  readonly #own = this.membersWithOwnFile

  override buildChildPages(reflection: Reflection, pages: PageDefinition[]): void {
    this.membersWithOwnFile = withPages.includes(moduleOf(reflection)) ? this.#own : []
    super.buildChildPages(reflection, pages)
  }
}

function moduleOf(reflection: Reflection): string {
  if (reflection.kindOf(ReflectionKind.Module) || reflection.parent === undefined) {
    return reflection.name
  }
  return moduleOf(reflection.parent)
}

/** Whether exports of the entry have pages of their own. */
export const hasPages = ({ name }: ApiModule): boolean => withPages.includes(name)

/** What the router has given places to. */
export function modulesOf({ children = [] }: ProjectReflection, router: Router): ApiModule[] {
  const nameOf = (reflection: DeclarationReflection): ApiName => ({
    name: reflection.name,
    link: linkOf(router.getFullUrl(reflection)),
  })
  return children.map((module) => ({
    ...nameOf(module),
    exports: (module.children ?? []).map((reflection) => ({
      ...nameOf(reflection),
      kind: ReflectionKind.pluralString(reflection.kind),
      members: (reflection.children ?? []).filter((child) => router.hasUrl(child)).map(nameOf),
    })),
  }))
}

/** `/api/kernel/` of `kernel/index.md`, `/api/tls/#tlsoptions` of `tls/index.md#tlsoptions`. */
function linkOf(url: string): string {
  return `/api/${url.replace(/(?:index)?\.md(?=#|$)/, '').replace(/^index$/, '')}`
}
