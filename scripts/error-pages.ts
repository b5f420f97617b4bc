/**
 * The page of each error code, `docs/errors/CODE.md`, and the list of all of them. What a catalogue
 * says is generated; cause, example and remedy are written by hand.
 *
 * @module
 */
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type ErrorCode, listErrorCodes } from './error-codes.ts'
import { root } from './workspace.ts'

const folder = join(root, 'docs/errors')
const listFile = join(folder, 'index.md')
const marked = /(?<=<!-- error: generated -->\n).*?(?=<!-- \/error -->)/s
const sections = ['Cause', 'Example', 'Fix']

/**
 * Writes what is generated, and makes pages for new codes. Returns what is left to do by hand:
 * sections without a text, pages of codes that are gone. With `check` it writes nothing, and tells
 * what it would write.
 */
export async function updateErrorPages(check: boolean): Promise<string[]> {
  const codes = await listErrorCodes()
  const complaints: string[] = []
  await mkdir(folder, { recursive: true })
  for (const code of codes) complaints.push(...(await updatePage(code, check)))
  complaints.push(...(await write(listFile, renderList(codes), check)))
  const known = new Set([...codes.map(({ code }) => code), 'index'])
  const stale = globSync('*.md', { cwd: folder }).filter(
    (file) => !known.has(basename(file, '.md')),
  )
  return [...complaints, ...stale.map((file) => `docs/errors/${file}: there is no such code`)]
}

async function updatePage(code: ErrorCode, check: boolean): Promise<string[]> {
  const file = join(folder, `${code.code}.md`)
  const text = existsSync(file) ? await readFile(file, 'utf8') : emptyPage(code)
  const place = `docs/errors/${code.code}.md`
  if (!marked.test(text)) return [`${place}: no place for what is generated`]
  const updated = text.replace(marked, () => renderHead(code))
  const missing = sections
    .filter((title) => !new RegExp(`^## ${title}\\n\\n(?!## )\\S`, 'm').test(updated))
    .map((title) => `${place}: say something under "## ${title}"`)
  return [...missing, ...(await write(file, updated, check))]
}

async function write(file: string, text: string, check: boolean): Promise<string[]> {
  const present = existsSync(file) ? await readFile(file, 'utf8') : undefined
  if (present === text) return []
  if (check) return [`docs/errors/${basename(file)} is old; run "npm run docs"`]
  await writeFile(file, text)
  return []
}

function emptyPage({ code }: ErrorCode): string {
  const empty = sections.map((title) => `## ${title}\n`).join('\n')
  return `# ${code}\n\n<!-- error: generated -->\n<!-- /error -->\n\n${empty}`
}

function renderHead({ folder: from, package: name, kind }: ErrorCode): string {
  const origin = `[${name}](../../packages/${from})`
  if (kind === undefined) return `Reported by ${origin}, with a message for each case.\n`
  const { message, status, source, hint } = kind
  const lines = [
    `> ${message}`,
    ...(hint === undefined ? [] : ['>', `> ${hint}`]),
    '',
    `Raised by ${origin}${from === 'testing' ? ', in tests.' : `. ${consequence(source, status)}`}`,
  ]
  return `${lines.join('\n')}\n`
}

function consequence(source: string, status: number): string {
  return `${culprits[source]}${source === 'config' ? '' : ` Clients get ${status}.`}`
}

const culprits: Readonly<Record<string, string>> = {
  client: 'The client caused it.',
  upstream: 'A server behind the gateway caused it.',
  gateway: 'The gateway, or a plugin in it, caused it.',
  config: 'The configuration caused it: nothing was changed.',
}

function renderList(codes: readonly ErrorCode[]): string {
  const names = [...new Set(codes.map((code) => code.package))].toSorted()
  const parts = names.map((name) => {
    const rows = codes
      .filter((code) => code.package === name)
      .map(({ code, kind }) => `| [${code}](${code}.md) | ${cell(kind?.message ?? '')} |`)
    return `## ${name}\n\n| code | message |\n|---|---|\n${rows.join('\n')}\n`
  })
  return `# Errors

Every code that Gatewright can raise or report, by package. ‹Angles› stand for what differs.

${parts.join('\n')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
