import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.ts'

const marked = /(?<open><!-- code: (?<file>[\w./-]+) -->\n).*?(?=<!-- \/code -->)/gs

/** A page with code in it that belongs to files, which tests run. */
export interface PageWithCode {
  /** Below the root of the repository. */
  readonly file: string
  readonly text: string
  /** The text as it should be. */
  readonly updated: string
}

/** The pages of the docs that show files, between `<!-- code: path -->` and `<!-- /code -->`. */
export function pagesWithCode(): PageWithCode[] {
  return globSync('docs/plugins/*.md', { cwd: root }).map((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const updated = text.replace(marked, (_, open: string, path: string) => {
      const code = readFileSync(join(root, path), 'utf8').trimEnd()
      return `${open}\n\`\`\`typescript\n${code}\n\`\`\`\n\n`
    })
    return { file, text, updated }
  })
}
