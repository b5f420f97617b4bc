import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formsOf } from './names.ts'
import { type Project, templateOf } from './project.ts'

/** A file of a new project. */
export interface ProjectFile {
  /** From the folder of the project, with `/`. */
  readonly path: string
  readonly text: string
}

const templates = fileURLToPath(new URL('../templates', import.meta.url))

/** What a project consists of, by the paths of the files. Writes nothing. */
export async function filesOf(project: Project): Promise<readonly ProjectFile[]> {
  const { language, license, packageManager } = project
  const files = new Map<string, string>()
  for (const layer of ['common', `common-${language}`, templateOf(project)]) {
    for (const { path, text } of await readLayer(join(templates, layer))) files.set(path, text)
  }
  files.set('LICENSE', await readLicense(license, project))
  const workflow = await readFile(join(templates, 'ci', `${packageManager}.yml`), 'utf8')
  files.set('.github/workflows/ci.yml', workflow)
  // Without it, a newer yarn hides packages from the tools that look for them in node_modules.
  if (packageManager === 'yarn') files.set('.yarnrc.yml', 'nodeLinker: node-modules\n')
  const version = await readOwnVersion()
  return [...files]
    .map(([path, text]) => ({ path, text: fill(path, text, project, version) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function readLayer(folder: string): Promise<ProjectFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async (entry) => {
      const file = join(entry.parentPath, entry.name)
      const path = relative(folder, file).replaceAll('\\', '/')
      return { path: nameInProject(path), text: await readFile(file, 'utf8') }
    }),
  )
}

/** Files that npm or other tools would heed inside a template have another name there. */
function nameInProject(path: string): string {
  const name = basename(path)
  if (name === '_gitignore') return join(dirname(path), '.gitignore')
  return name === '_biome.json' ? join(dirname(path), 'biome.json') : path
}

async function readLicense(license: string, { packageName }: Project): Promise<string> {
  const text = await readFile(join(templates, 'licenses', license), 'utf8')
  return text
    .replace('{year}', String(new Date().getFullYear()))
    .replace('{holder}', `The authors of ${packageName}`)
}

function fill(path: string, text: string, project: Project, version: string): string {
  const { name, packageName, license, packageManager } = project
  const forms: Readonly<Record<string, string>> = {
    'gatewright-plugin-my-plugin': packageName,
    ...formsOf(name),
  }
  const filled = text.replaceAll(
    /gatewright-plugin-my-plugin|my-plugin|my_plugin|MY_PLUGIN|MyPlugin/g,
    (placeholder) => forms[placeholder] ?? placeholder,
  )
  if (path === 'package.json') {
    return filled
      .replace('"license": "MIT"', `"license": "${license}"`)
      .replaceAll('^0.0.0', `^${version}`)
  }
  return path === 'README.md' ? inWordsOf(packageManager, filled) : filled
}

/** Commands as users of the package manager type them. */
function inWordsOf(packageManager: string, text: string): string {
  if (packageManager === 'npm') return text
  return text
    .replaceAll(/\bnpm install (?=\S)/g, `${packageManager} add `)
    .replaceAll(/\bnpm (?=install|run)/g, `${packageManager} `)
}

/** All packages of Gatewright have the same version. */
async function readOwnVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  // Every package.json that npm accepts has a version.
  return (JSON.parse(text) as { readonly version: string }).version
}
