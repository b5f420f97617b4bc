import type { DefaultTheme } from 'vitepress'
import { type ApiModule, hasPages } from './api-router.ts'

/** Lists of what is on pages below `/api/`: the modules, or what one of them exports. */
export function apiSidebars(modules: readonly ApiModule[]): DefaultTheme.SidebarMulti {
  const all = modules.map(({ name, link }) => ({ text: name, link }))
  const sidebars = modules
    .filter(hasPages)
    .map((module) => [module.link, exportsOf(module)] as const)
  return {
    '/api/': [{ text: 'API reference', link: '/api/', items: all }],
    ...Object.fromEntries(sidebars),
  }
}

function exportsOf({ name, link, exports }: ApiModule): DefaultTheme.SidebarItem[] {
  const groups = Map.groupBy(exports, ({ kind }) => kind)
  return [
    { text: 'API reference', link: '/api/' },
    { text: name, link },
    ...[...groups].map(([kind, pages]) => ({
      text: kind,
      collapsed: false,
      items: pages.map((page) => ({ text: page.name, link: page.link })),
    })),
  ]
}
