/**
 * The paths that `skip_paths` exempts from a middleware.
 *
 * @module
 */

/**
 * A segment that goes up or nowhere (RFC 3986 section 5.2.4), in every spelling that an upstream may
 * understand. `/public/../admin` is not in `/public`, wherever paths are not checked before.
 */
const dotSegment = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\;]|%2f|%5c|$)/i

/** What `skip_paths` of one block says, ready to be asked for every request. */
export class SkippedPaths {
  /** Those that stand for themselves, too: all that do not end in a slash. */
  readonly #themselves: ReadonlySet<string>
  /** All that is below begins with one of these, each of which ends in a slash. */
  readonly #folders: readonly string[]

  /** @param paths As a user writes them. */
  constructor(paths: readonly string[]) {
    this.#themselves = new Set(paths)
    this.#folders = withoutNested(paths.map((path) => (path.endsWith('/') ? path : `${path}/`)))
  }

  /**
   * True for a path that is one of them or lies below one: `/a` has `/a` and `/a/b`, but not `/ab`;
   * `/a/` has `/a/` and `/a/b`. Never true for a path with dot segments.
   *
   * @param path As received, without query.
   */
  include(path: string): boolean {
    return this.#has(path) && !dotSegment.test(path)
  }

  #has(path: string): boolean {
    for (const folder of this.#folders) if (path.startsWith(folder)) return true
    return this.#themselves.has(path)
  }
}

/** Leaves out what lies below another one. */
function withoutNested(folders: readonly string[]): string[] {
  const all = [...new Set(folders)]
  return all.filter((folder) => !all.some((other) => other !== folder && folder.startsWith(other)))
}
