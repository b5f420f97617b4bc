import { type GeneratedPage, listTypes } from './generated-page.ts'

/** Has whatever routers may name, and `tcp-filter`, which does the same for connections. */
export const middlewarePage: GeneratedPage = {
  file: 'docs/middlewares.md',
  mark: 'middlewares',
  async list() {
    const types = [...(await listTypes('middleware')), 'tcp-filter'].toSorted()
    return types.map((type) => ({ title: type, folder: `plugin-${type}`, schema: 'schema' }))
  },
}
