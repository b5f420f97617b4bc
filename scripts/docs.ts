/**
 * Writes the option tables in the READMEs of the packages, between the lines
 *
 *     <!-- options: generated from src/options.ts -->
 *     <!-- /options -->
 *
 * from the schema that the named file exports as `schema`. A package with several schemas names the
 * export as well: `src/options.ts#roundRobinSchema`. Then writes the pages of all middlewares, of
 * all that services have, and of each error code, and the code that pages show. With `--check` it writes nothing and exits 1 if
 * something is not what it would write.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type OptionSchema, renderOptionTable } from '../packages/cli/src/plugin/option-table.ts'
import { updateErrorPages } from './error-pages.ts'
import { type GeneratedPage, updatePage } from './generated-page.ts'
import { type PageWithCode, pagesWithCode } from './included-code.ts'
import { middlewarePage } from './middleware-page.ts'
import { servicePage } from './service-page.ts'
import { type Package, readPackages, root } from './workspace.ts'

const marked =
  /(?<open><!-- options: generated from (?<file>[\w./-]+)(?:#(?<name>\w+))? -->\n).*?(?=<!-- \/options -->)/gs

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
for (const pkg of readPackages()) await updateReadme(pkg)
for (const page of [middlewarePage, servicePage]) await writePage(page)
for (const page of pagesWithCode()) await replace(page)
for (const complaint of await updateErrorPages(values.check)) complain(complaint)

async function updateReadme({ folder, manifest }: Package): Promise<void> {
  if (!existsSync(join(folder, 'src/options.ts'))) return
  const readme = join(folder, 'README.md')
  const text = existsSync(readme) ? await readFile(readme, 'utf8') : ''
  const updated = await replaceTables(text, folder)
  if (updated === undefined) complain(`${manifest.name}: README.md has no place for the options`)
  else if (updated === text) return
  else if (values.check) complain(`${manifest.name}: option table is old; run "npm run docs"`)
  else await writeFile(readme, updated)
}

async function writePage(page: GeneratedPage): Promise<void> {
  await replace({ file: page.file, ...(await updatePage(page)) })
}

async function replace({ file, text, updated }: PageWithCode): Promise<void> {
  if (updated === text) return
  if (values.check) complain(`${file} is old; run "npm run docs"`)
  else await writeFile(join(root, file), updated)
}

/** Returns `undefined` if the text has no marked place. */
async function replaceTables(text: string, folder: string): Promise<string | undefined> {
  const places = [...text.matchAll(marked)]
  if (places.length === 0) return undefined
  let updated = ''
  let end = 0
  for (const place of places) {
    const { open = '', file = '', name = 'schema' } = place.groups ?? {}
    const table = renderOptionTable(await importSchema(join(folder, file), name))
    updated += `${text.slice(end, place.index)}${open}${table}\n`
    end = place.index + place[0].length
  }
  return updated + text.slice(end)
}

async function importSchema(file: string, name: string): Promise<OptionSchema> {
  const exported: Record<string, unknown> = await import(pathToFileURL(file).href)
  const schema = exported[name]
  if (typeof schema !== 'object' || schema === null) {
    throw new Error(`${file} exports no schema "${name}"`)
  }
  return schema
}

function complain(text: string): void {
  console.error(text)
  process.exitCode = 1
}
