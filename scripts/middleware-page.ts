import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type OptionSchema, renderOptionTable } from './option-table.ts'
import { readManifest, root } from './workspace.ts'

interface Example {
  readonly title: string
  readonly hcl: string
}

interface DocumentedSchema extends OptionSchema {
  readonly 'x-gatewright-examples'?: readonly Example[]
}

const marked = /(?<=<!-- middlewares: generated -->\n).*(?=<!-- \/middlewares -->)/s

/** The page that has all middlewares, as an absolute path. */
export const middlewarePage: string = join(root, 'docs/middlewares.md')

/** The page as it is, and as it should be: what stands between its marks is made anew. */
export async function updateMiddlewarePage(): Promise<{ text: string; updated: string }> {
  const text = await readFile(middlewarePage, 'utf8')
  if (!marked.test(text)) throw new Error(`${middlewarePage} has no place for the middlewares`)
  const sections = await Promise.all((await listTypes()).map(renderSection))
  return { text, updated: text.replace(marked, () => `\n${sections.join('\n')}\n`) }
}

/** Whatever routers may name, and `tcp-filter`, which does the same for connections. */
async function listTypes(): Promise<string[]> {
  const file = join(root, 'packages/standard/src/first-party.ts')
  // The file exports it with this type.
  const { firstParty } = (await import(pathToFileURL(file).href)) as {
    readonly firstParty: { readonly middleware: object }
  }
  return [...Object.keys(firstParty.middleware), 'tcp-filter'].toSorted()
}

async function renderSection(type: string): Promise<string> {
  const folder = join(root, `packages/plugin-${type}`)
  const file = pathToFileURL(join(folder, 'src/options.ts')).href
  // Every such package exports its schema under this name, which "npm run docs" relies on as well.
  const { schema } = (await import(file)) as { readonly schema: DocumentedSchema }
  const [example] = schema['x-gatewright-examples'] ?? []
  if (example === undefined) throw new Error(`the schema of "${type}" has no example`)
  const { description } = readManifest(folder)
  return `## ${type}

${description}. [More](../packages/plugin-${type})

${renderOptionTable(schema)}

${example.title}:

\`\`\`hcl
${example.hcl.trim()}
\`\`\`
`
}
