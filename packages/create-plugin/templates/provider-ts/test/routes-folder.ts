import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A temporary folder with a `routes.json`. */
export interface RoutesFolder extends AsyncDisposable {
  readonly path: string
  readonly write: (routes: object) => Promise<void>
}

/** Goes away when it is disposed of. */
export async function routesFolder(routes: object): Promise<RoutesFolder> {
  const path = await mkdtemp(join(tmpdir(), 'my-plugin-'))
  const write = (content: object): Promise<void> =>
    writeFile(join(path, 'routes.json'), JSON.stringify(content))
  await write(routes)
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
