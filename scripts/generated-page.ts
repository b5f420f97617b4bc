import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type OptionSchema, renderOptionTable } from '../packages/cli/src/plugin/option-table.ts'
import { readManifest, root } from './workspace.ts'

interface Example {
  readonly title: string
  readonly hcl: string
}

interface DocumentedSchema extends OptionSchema {
  readonly 'x-gatewright-examples'?: readonly Example[]
}

/** What one schema says, as a section. */
export interface Entry {
  /** Of the section. */
  readonly title: string
  /** Of the package, below `packages`. */
  readonly folder: string
  /** Under which name its `src/options.ts` exports the schema. */
  readonly schema: string
}

/** A page of `docs` that has a section for each of several schemas. */
export interface GeneratedPage {
  /** Below the root of the repository. */
  readonly file: string
  /** Stands in the comments around the sections: `<!-- mark: generated -->`, `<!-- /mark -->`. */
  readonly mark: string
  /** Throws an error that says what is missing in the rest of the page. */
  readonly list: (text: string) => Promise<readonly Entry[]>
}

/** The page as it is, and as it should be: what stands between its marks is made anew. */
export async function updatePage(page: GeneratedPage): Promise<{ text: string; updated: string }> {
  const { file, mark, list } = page
  const text = await readFile(join(root, file), 'utf8')
  const marked = new RegExp(`(?<=<!-- ${mark}: generated -->\n).*(?=<!-- /${mark} -->)`, 's')
  if (!marked.test(text)) throw new Error(`${file} has no place for what is generated`)
  const sections = await Promise.all((await list(text)).map(renderSection))
  return { text, updated: text.replace(marked, () => `\n${sections.join('\n')}\n`) }
}

/** What the first-party packages provide: an object with a key for each type, by kind. */
export async function listTypes(kind: string): Promise<string[]> {
  const file = join(root, 'packages/standard/src/first-party.ts')
  // The file exports it with this type.
  const { firstParty } = (await import(pathToFileURL(file).href)) as {
    readonly firstParty: Readonly<Record<string, object>>
  }
  return Object.keys(firstParty[kind] ?? {})
}

async function renderSection({ title, folder, schema: name }: Entry): Promise<string> {
  const path = join(root, 'packages', folder)
  // Every such package exports schemas from there, which "npm run docs" relies on as well.
  const options = (await import(pathToFileURL(join(path, 'src/options.ts')).href)) as Readonly<
    Record<string, DocumentedSchema>
  >
  const schema = options[name]
  const [example] = schema?.['x-gatewright-examples'] ?? []
  if (schema === undefined || example === undefined) {
    throw new Error(`the schema of "${title}" has no example`)
  }
  const description = schema.description ?? readManifest(path).description
  return `## ${title}

${description}. [More](../packages/${folder})

${renderOptionTable(schema)}

${example.title}:

\`\`\`hcl
${example.hcl.trim()}
\`\`\`
`
}
