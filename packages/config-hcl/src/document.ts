import { dirname } from 'node:path'
import type {
  ConfigDocument,
  ConfigPath,
  ConfigProblem,
  JsonSchema,
  Report,
} from '@gatewright/kernel'
import { Normaliser } from './normalise.ts'
import { findPlace, type Place } from './place.ts'
import { diagnose } from './report/diagnostic.ts'
import type { Range, SourceText } from './source-text.ts'

/** A variable that was allowed to be missing, and the value that is not known for it. */
export interface MissingValue {
  readonly variable: string
  readonly path: ConfigPath
}

/** A configuration written in HCL. Made by `parseHcl` and `readHcl`. */
export class HclDocument implements ConfigDocument {
  /**
   * The top level, deeply frozen, without prototypes. Labelled blocks are records by label, other
   * blocks are lists, attributes are what they are. Text from the environment is text here;
   * {@link HclDocument.normalise} gives it the type that a schema wants.
   */
  readonly config: Readonly<Record<string, unknown>>
  /** Empty unless `allowMissingEnv` was set. Such values are empty text in the configuration. */
  readonly missing: readonly MissingValue[]
  /** Reads the file again. Throws what `readHcl` throws. Not there if it was text and no file. */
  readonly reread?: () => Promise<HclDocument>
  readonly #source: SourceText
  readonly #root: Place

  /** @internal */
  constructor(
    source: SourceText,
    root: Place,
    missing: readonly MissingValue[],
    reread?: () => Promise<HclDocument>,
  ) {
    if (reread !== undefined) this.reread = reread
    this.#source = source
    this.#root = root
    this.missing = missing
    // The place of a whole file is that of an object.
    this.config = root.data as Readonly<Record<string, unknown>>
  }

  /** As it was given, for messages. */
  get file(): string {
    return this.#source.file
  }

  get text(): string {
    return this.#source.text
  }

  /**
   * Gives a value the shape that its schema describes: unwraps a block that stands alone, makes a
   * list of one value, brings maps into one form, leaves out null, and turns text of the environment
   * into numbers and booleans. Reports GW_CONFIG_BLOCK_REPEATED, GW_CONFIG_LABEL, GW_CONFIG_TYPE,
   * GW_CONFIG_DUPLICATE and GW_CONFIG_NAME; what was reported is left out of the result.
   */
  normalise(value: unknown, schema: JsonSchema, path: ConfigPath, report: Report): unknown {
    const normaliser = new Normaliser((at, text) => {
      const place = findPlace(this.#root, at)
      // A value that another source put there is none of ours.
      return place?.data === text ? place.origin : undefined
    }, report)
    return normaliser.shape(value, schema, path)
  }

  /**
   * Where a value stands, or the name that it stands under: the key of an attribute, or a block's
   * type and labels. Takes paths as they are in `config` and as they are after `normalise`.
   * `undefined` for a path that does not stand in the file.
   */
  locate(path: ConfigPath, part: 'key' | 'value' = 'value'): Range | undefined {
    const place = findPlace(this.#root, path)
    return place === undefined ? undefined : this.#source.range(place[part])
  }

  /** Makes it a diagnostic; `undefined` if it is about a value that is not known. */
  place(problem: ConfigProblem): ConfigProblem | undefined {
    return diagnose(this, [problem])[0]
  }

  /** That of the file, as it was given. */
  folderOf(): string {
    return dirname(this.file)
  }

  /** True if a value came from the environment or another file, wholly or in part: do not show it. */
  interpolated(path: ConfigPath): boolean {
    return findPlace(this.#root, path)?.origin !== undefined
  }
}
