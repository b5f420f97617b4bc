/**
 * Pages and READMEs link to each other as files of the repository, so that links work there too.
 * This turns them into links of the site.
 *
 * @module
 */
import { posix } from 'node:path'

/** Whether the link is one between files of the repository. */
const isInner = (href: string): boolean => !/^(?:[a-z]+:|#|\/)/i.test(href)

/**
 * The link that `href` becomes on the page `page`, such as `errors/GW_NO_ROUTE.md`; `undefined` if it
 * leads to a file that the site does not have.
 */
export function siteLink(href: string, page: string): string | undefined {
  if (!isInner(href)) return href
  const [path = '', hash] = href.split('#')
  const target = posix.normalize(posix.join(folderOf(page), path))
  const url = urlOf(target)
  if (url === undefined || hash === undefined) return url
  return `${url}#${hash}`
}

/** Folder of the file in the repository from which the page is made. */
function folderOf(page: string): string {
  const readme = /^(packages|examples)\/(.+)\.md$/.exec(page)
  if (readme !== null && readme[2] !== 'index') return `${readme[1]}/${readme[2]}`
  return posix.join('docs', posix.dirname(page))
}

function urlOf(target: string): string | undefined {
  const clean = target.replace(/\/$/, '').replace(/\/README\.md$/, '')
  if (clean === 'docs' || clean === 'README.md' || clean === '.') return '/'
  if (clean.startsWith('docs/')) return `/${clean.slice('docs/'.length)}`
  if (clean === 'packages' || clean === 'examples') return `/${clean}/`
  if (/^packages\/[^/]+$/.test(clean) || /^examples\/[\w-]+(?:\/[\w-]+)?$/.test(clean)) {
    return `/${clean}`
  }
  return clean === 'CONTRIBUTING.md' ? '/contributing' : undefined
}
