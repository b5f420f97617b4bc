/** What the tables say of a schema of options, or of one option. */
export interface OptionSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly duration?: unknown
  readonly bytes?: unknown
  readonly properties?: Readonly<Record<string, OptionSchema>>
  readonly required?: readonly string[]
  readonly items?: OptionSchema
  readonly additionalProperties?: boolean | OptionSchema
  readonly 'x-gatewright-secret'?: true | 'url'
  readonly 'x-gatewright-ref'?: string
}

interface Row {
  readonly key: string
  readonly schema: OptionSchema
  readonly required: boolean
}

/** One option in words. */
export interface DescribedOption {
  /** Dotted, with `[]` for "of each element". */
  readonly key: string
  readonly type: string
  /** In the words of the configuration, `required`, or `–` if there is none. */
  readonly default: string
  readonly meaning: string
}

/** The options that a schema describes, each as one line says it. */
export function describeOptions(schema: OptionSchema): DescribedOption[] {
  return listRows(schema, '').map(({ key, schema: option, required }) => ({
    key,
    type: describeType(option),
    default: required ? 'required' : describeDefault(option),
    meaning: option.description ?? '',
  }))
}

/**
 * Renders the options that a schema describes as a Markdown table without a newline at its end.
 * Keys inside an object are dotted, and `[]` stands for "of each element".
 */
export function renderOptionTable(schema: OptionSchema): string {
  const rows = describeOptions(schema).map(renderRow)
  if (rows.length === 0) return 'There are no options.'
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

function listRows(schema: OptionSchema, prefix: string): Row[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = prefix + name
    const row = { key, schema: property, required: required.has(name) }
    return [row, ...listRows(property, `${key}.`), ...listElementRows(property, key)]
  })
}

function listElementRows({ items, additionalProperties }: OptionSchema, key: string): Row[] {
  if (items !== undefined) return listRows(items, `${key}[].`)
  if (typeof additionalProperties !== 'object') return []
  return listRows(additionalProperties, `${key}.<name>.`)
}

function renderRow({ key, type, default: fallback, meaning }: DescribedOption): string {
  const cells = [`\`${key}\``, type, fallback, meaning]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

function describeDefault(schema: OptionSchema): string {
  return schema.default === undefined ? '–' : `\`${JSON.stringify(schema.default)}\``
}

function describeType(schema: OptionSchema): string {
  const reference = schema['x-gatewright-ref']
  if (reference !== undefined)
    return `name of ${/^[aeiou]/.test(reference) ? 'an' : 'a'} ${reference}`
  const secrecy = schema['x-gatewright-secret']
  if (secrecy === 'url') return 'URL'
  return secrecy ? `secret ${nameType(schema)}` : nameType(schema)
}

function nameType(schema: OptionSchema): string {
  if (schema.duration !== undefined) return 'duration'
  if (schema.bytes !== undefined) return 'size'
  if (schema.enum !== undefined) return schema.enum.map(quote).join(' or ')
  if (schema.items !== undefined) return nameList(schema, schema.items)
  if (schema.type === 'object') return nameObject(schema)
  const types = [schema.type ?? 'any value'].flat()
  return types.map((type) => (type === 'object' ? 'block' : type)).join(' or ')
}

/** Beside the list, one value may stand alone. */
function nameList({ type }: OptionSchema, items: OptionSchema): string {
  const list = `list of ${plural(describeType(items))}`
  const others = [type ?? []].flat().filter((name) => name !== 'array')
  return [...others, list].join(' or ')
}

function nameObject({ additionalProperties }: OptionSchema): string {
  if (typeof additionalProperties !== 'object') return 'block'
  return `map of ${plural(describeType(additionalProperties))}`
}

function quote(value: unknown): string {
  return `\`${JSON.stringify(value)}\``
}

/** `name of a service` becomes `names of services`; enumerations stay as they are. */
function plural(type: string): string {
  if (type.startsWith('`')) return type
  if (/^\w+ or \w+$/.test(type)) return type.split(' or ').map(plural).join(' or ')
  const [noun, of] = type.split(/ of an? /)
  if (of !== undefined) return `${plural(noun ?? '')} of ${plural(of)}`
  if (/\blist of /.test(type)) return type.replace('list of ', 'lists of ')
  return type.endsWith('y') ? `${type.slice(0, -1)}ies` : `${type}s`
}
