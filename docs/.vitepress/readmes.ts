import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the repository. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** One README as a page. */
export interface ReadmePage {
  readonly params: { readonly name: string }
  readonly content: string
}

/** The READMEs below a folder of the repository, in the order of their names. */
export function readmesOf(folder: string): ReadmePage[] {
  return namesOf(folder).map((name) => ({
    params: { name },
    content: readFileSync(join(root, folder, name, 'README.md'), 'utf8'),
  }))
}

/** What has a README below a folder of the repository; two levels, for `examples/plugins/…`. */
export function namesOf(folder: string): string[] {
  return globSync(['*/README.md', '*/*/README.md'], {
    cwd: join(root, folder),
    exclude: (path) => path.includes('node_modules') || path.includes('templates'),
  })
    .map(dirname)
    .toSorted()
}
