import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DefaultTheme, defineConfig, type MarkdownRenderer, type UserConfig } from 'vitepress'
import { writeApi } from './api.ts'
import { readEntries } from './api-entries.ts'
import { linkNames } from './api-links.ts'
import { apiSidebars } from './api-sidebar.ts'
import { siteLink } from './links.ts'
import { namesOf, root } from './readmes.ts'

type RenderForSearch = NonNullable<DefaultTheme.LocalSearchOptions['_render']>

const api = await writeApi(readEntries(), join(root, 'docs/api'))

/** For the search, where words are found in plain code as well. Colouring it takes half the time. */
const withoutColours: RenderForSearch = (text, env, markdown) => {
  markdown.set({ highlight: null })
  const html = markdown.render(text, env)
  return env.frontmatter?.['search'] === false ? '' : html
}

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'Gatewright',
  description: 'A reverse proxy and API gateway that is a small kernel and a set of plugins.',
  cleanUrls: true,
  lastUpdated: false,
  metaChunk: true,
  markdown: {
    anchor: { slugify: anchorOf },
    config(markdown) {
      linkNames(markdown, api.modules)
      linkWithinSite(markdown)
    },
  },
  vite: { plugins: [{ name: 'api', configResolved: ({ command }) => checkApi(command) }] },
  themeConfig: {
    search: { provider: 'local', options: { _render: withoutColours } },
    nav: [
      { text: 'Operators', link: '/operators' },
      { text: 'Plugin authors', link: '/plugins/first-plugin' },
      { text: 'Packages', link: '/packages/' },
      { text: 'API', link: '/api/' },
      { text: 'Errors', link: '/errors/' },
    ],
    sidebar: {
      ...apiSidebars(api.modules),
      '/': [
        group('Begin here', ['operators.md', 'composers.md', 'plugins/first-plugin.md']),
        group('How it works', [
          'architecture.md',
          'services.md',
          'middlewares.md',
          'strictness.md',
        ]),
        group('Write a plugin', pagesIn('plugins')),
        group('Coming from', pagesIn('coming-from')),
        {
          text: 'Packages',
          collapsed: true,
          items: namesOf('packages').map((name) => ({ text: name, link: `/packages/${name}` })),
        },
        {
          text: 'Examples',
          collapsed: true,
          items: namesOf('examples').map((name) => ({ text: name, link: `/examples/${name}` })),
        },
        group('Decisions', pagesIn('decisions'), true),
        { text: 'API reference', link: '/api/' },
        { text: 'Errors', link: '/errors/' },
      ],
    },
  },
})

export default config

/** The pages that are there, with their titles. */
function group(
  text: string,
  files: readonly string[],
  collapsed?: boolean,
): DefaultTheme.SidebarItem {
  const items = files
    .filter((file) => existsSync(join(root, 'docs', file)))
    .map((file) => ({ text: titleOf(file), link: `/${file.replace(/\.md$/, '')}` }))
  return { text, items, ...(collapsed !== undefined && { collapsed }) }
}

function pagesIn(folder: string): string[] {
  return globSync(`${folder}/*.md`, { cwd: join(root, 'docs') }).toSorted()
}

function titleOf(file: string): string {
  const text = readFileSync(join(root, 'docs', file), 'utf8')
  return /^# (.+)$/m.exec(text)?.[1] ?? file
}

/** As in the repository: `http2` of "HTTP/2". */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

/** See `links.ts`. What leads to a file that the site does not have becomes plain text. */
function linkWithinSite(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('links-within-site', ({ tokens, env }) => {
    for (const { children } of tokens) {
      let removing = false
      for (const token of children ?? []) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null
        const link = href === null ? undefined : siteLink(href, env.relativePath)
        if (link !== undefined) token.attrSet('href', link)
        if (href !== null) removing = link === undefined
        if (removing && (token.type === 'link_open' || token.type === 'link_close')) {
          token.type = 'text'
          token.content = ''
        }
      }
    }
  })
}

/** Whoever is writing sees the pages all the same, and what is wrong with them in the terminal. */
function checkApi(command: 'build' | 'serve'): void {
  if (command === 'serve' || api.problems.length === 0) return
  throw new Error(`comments of what packages export:\n${api.problems.join('\n')}`)
}
