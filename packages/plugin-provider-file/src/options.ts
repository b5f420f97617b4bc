import {
  type ConfigDocument,
  type JsonSchema,
  type OptionsSchema,
  validateOptions,
} from '@gatewright/kernel'

/** What a `file` block in `providers` says. */
export interface FileOptions {
  /** Whether changes are applied as soon as they are seen. Default true. */
  readonly watch: boolean
  /** Folder with more of the configuration. */
  readonly directory?: string
  /** How long files must be still before they are read, in milliseconds. Default 500. */
  readonly debounce_ms: number
  /** How often they are looked at in any case, in seconds; 0 for never. Default 10. */
  readonly poll_secs: number
  /** What becomes of a file of the folder that is wrong. Default `skip`. */
  readonly on_fragment_error: 'skip' | 'strict'
}

/** Checks a `file` block. */
export const schema: OptionsSchema<FileOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    watch: {
      type: 'boolean',
      default: true,
      description: 'Apply changes as soon as they are seen. Without it only a reload does.',
    },
    directory: {
      type: 'string',
      minLength: 1,
      description:
        'Folder with more of the configuration: every `*.hcl` in it and below it. Relative to the file that names it.',
    },
    debounce_ms: {
      type: 'integer',
      minimum: 1,
      maximum: 60_000,
      default: 500,
      description:
        'Milliseconds without a further change before files are read; under constant changes four times as long.',
    },
    poll_secs: {
      type: 'integer',
      minimum: 0,
      maximum: 86_400,
      default: 10,
      description:
        'Seconds between looks at the content of all files, for changes that the system does not report; 0 for none.',
    },
    on_fragment_error: {
      type: 'string',
      enum: ['skip', 'strict'],
      default: 'skip',
      description:
        'Of a file of the folder that is wrong: `skip` keeps its last good content, or leaves it out; `strict` refuses the whole configuration.',
    },
  },
}

/**
 * What the `file` block of a document says; `undefined` if it has none, or one that is wrong, which
 * is reported by whoever applies the document.
 */
export function fileOptionsOf(document: ConfigDocument): FileOptions | undefined {
  // An options schema is a JSON Schema.
  const blocks = { type: 'object', properties: { file: schema as object as JsonSchema } }
  const path = ['providers']
  const given = document.config['providers']
  if (given === undefined) return undefined
  const providers = document.normalise(given, blocks, path, ignore)
  if (!isRecord(providers) || !isRecord(providers['file'])) return undefined
  const { file } = providers
  const own = Object.keys(schema.properties).flatMap((key) =>
    key in file ? [[key, file[key]] as const] : [],
  )
  try {
    return validateOptions(schema, Object.fromEntries(own))
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ignore(): void {
  // Whoever applies the document says what is wrong.
}
