/** What a query of Prometheus asks for. */
export interface Asked {
  readonly metrics: readonly {
    readonly name: string
    /** Labels by which its series are chosen. */
    readonly labels: readonly string[]
  }[]
  /** Labels by which something is put together, or matched. */
  readonly grouped: readonly string[]
}

const grouping = /\b(?:by|on|group_left|ignoring|without)\s*\(([^)]*)\)/g
/** A name, its selector, and what tells a function from a metric. */
const named = /(?<![\w$."])([a-z_][a-z0-9_:]*)\b\s*(?:\{([^}]*)\})?(\s*\()?/gi
const words = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan', 'by', 'on'])

/** Finds the metrics and labels of a query. For those that we write: nothing odd in quotes. */
export function askedIn(query: string): Asked {
  const grouped = [...query.matchAll(grouping)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  )
  // What stands in brackets are durations.
  const bare = query.replaceAll(grouping, ' ').replaceAll(/\[[^\]]*\]/g, ' ')
  const metrics = [...bare.matchAll(named)]
    .filter(([, name = '', , call]) => call === undefined && !words.has(name.toLowerCase()))
    .map(([, name = '', selector = '']) => ({ name, labels: labelsIn(selector) }))
  return { metrics, grouped: grouped.filter((label) => label !== '') }
}

function labelsIn(selector: string): string[] {
  return [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)].map(([, label = '']) => label)
}
