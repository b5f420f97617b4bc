/**
 * Where in the code of a plugin's author something went wrong.
 *
 * @module
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const kernelFolder = dirname(fileURLToPath(import.meta.url))

/** ` (at /srv/geo.ts:12:9)`, or nothing, for the end of a message. */
export function atPlaceOf(error: unknown): string {
  const place = placeOf(error)
  return place === undefined ? '' : ` (at ${place})`
}

/**
 * The first place of an error's stack that belongs neither to Gatewright nor to Node, such as
 * `/srv/geo.ts:12:9`; `undefined` if there is none.
 */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const line of stack.split('\n')) {
    // Node's own: what looks like a path in it is none.
    if (/\bnode:/.test(line)) continue
    const [, url, position = ''] = /\(?((?:file:\/\/)?\/[^)]*?)(:\d+(?::\d+)?)\)?$/.exec(line) ?? []
    const file = url === undefined ? undefined : tryPath(url)
    if (file !== undefined && isAuthors(file)) return file + position
  }
  return undefined
}

function isAuthors(file: string): boolean {
  return !file.startsWith(`${kernelFolder}/`) && !file.includes('/node_modules/@gatewright/')
}

function tryPath(url: string): string | undefined {
  if (!url.startsWith('file:')) return url
  try {
    // Modules may have a query.
    return fileURLToPath(url.replace(/\?.*$/, ''))
  } catch {
    // Something that only looks like a URL.
    return undefined
  }
}
