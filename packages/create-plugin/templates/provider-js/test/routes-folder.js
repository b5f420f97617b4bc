import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A temporary folder with a `routes.json`. Goes away when it is disposed of.
 *
 * @param {object} routes
 */
export async function routesFolder(routes) {
  const path = await mkdtemp(join(tmpdir(), 'my-plugin-'))
  /** @param {object} content */
  const write = (content) => writeFile(join(path, 'routes.json'), JSON.stringify(content))
  await write(routes)
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
