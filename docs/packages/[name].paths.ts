import { apiLink, entriesOf } from '../.vitepress/api-entries.ts'
import { type ReadmePage, readmesOf } from '../.vitepress/readmes.ts'

/** A page for each of them. */
const pages: { readonly paths: () => ReadmePage[] } = {
  paths: () =>
    readmesOf('packages').map(({ params, content }) => ({
      params,
      content: content.replace(/^# .*\n/, `$&\n${linksToApi(params.name)}\n`),
    })),
}

export default pages

function linksToApi(folder: string): string {
  const links = entriesOf(folder).map(({ name }) => `[\`${name}\`](${apiLink(name)})`)
  return `API reference: ${links.join(', ')}`
}
