import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A temporary folder with files in it. */
export interface Folder extends AsyncDisposable {
  readonly path: string
  at(name: string): string
  /** In place; makes folders on the way. */
  write(name: string, text: string): Promise<void>
  /** Another file, renamed over the one that is there. */
  replace(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
  /** A link, put over the one that is there. */
  link(name: string, target: string): Promise<void>
  /** As Kubernetes mounts a ConfigMap: `name/<file>` → `..data/<file>` → `..<version>/<file>`. */
  mount(name: string, version: string, files: Readonly<Record<string, string>>): Promise<void>
}

export async function createFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'gatewright-file-')))
  const at = (name: string): string => join(path, name)
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), text)
  }
  const link = async (name: string, target: string): Promise<void> => {
    await mkdir(dirname(at(name)), { recursive: true })
    await symlink(target, at(`${name}.link`))
    await rename(at(`${name}.link`), at(name))
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  return {
    path,
    at,
    write,
    link,
    async replace(name, text) {
      await write(`${name}.new`, text)
      await rename(at(`${name}.new`), at(name))
    },
    remove: (name) => rm(at(name), { recursive: true }),
    async mount(name, version, texts) {
      for (const [file, text] of Object.entries(texts)) {
        await write(join(name, `..${version}`, file), text)
      }
      await link(join(name, '..data'), `..${version}`)
      for (const file of Object.keys(texts)) await link(join(name, file), join('..data', file))
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}
