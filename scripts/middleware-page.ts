import { type GeneratedPage, listTypes } from './generated-page.ts'

/** Packages that are not named after their middleware. */
const folders: Readonly<Record<string, string>> = { 'grpc-web': 'plugin-grpc' }

/** Has whatever routers may name, and `tcp-filter`, which does the same for connections. */
export const middlewarePage: GeneratedPage = {
  file: 'docs/middlewares.md',
  mark: 'middlewares',
  async list() {
    const types = [...(await listTypes('middleware')), 'tcp-filter'].toSorted()
    return types.map((type) => ({
      title: type,
      folder: folders[type] ?? `plugin-${type}`,
      schema: 'schema',
    }))
  },
}
