/**
 * How a factory describes its options: a checked pair of a TypeScript interface and a JSON Schema.
 *
 * The interface describes what `create` receives, after defaults and units: a key with a `default`
 * is not optional in the interface and is not listed in `required`; a key without a default is
 * either listed in `required` or optional in the interface.
 *
 * @module
 */

/** What a configuration that has the option is told in the log. */
export interface Deprecation {
  /** Version of the package. */
  readonly since?: string
  /** Version of the package that will refuse it. */
  readonly removeIn?: string
  /** The key to write instead. */
  readonly replacedBy?: string
  /** Anything else there is to say; lower case, no full stop. */
  readonly message?: string
}

/** One sentence for the generated option tables. Name the unit if there is one. */
export interface Described {
  readonly description: string
  /**
   * Redacted wherever configuration is shown or logged. `url` hides only the user, the password and
   * the query of a URL, so that one can still see where it leads.
   */
  readonly 'x-gatewright-secret'?: true | 'url'
  /** Only for top-level keys of a factory's schema: version that introduced the key. */
  readonly 'x-gatewright-since'?: string
  /** It is understood, and will not be for ever: whoever has it in a configuration is warned. */
  readonly 'x-gatewright-deprecated'?: Deprecation
}

/** What a string may refer to. A missing one is an error that names the nearest existing one. */
export type ReferenceKind = 'service' | 'middleware' | 'entrypoint'

/** A text, or one of several words. */
export interface StringSchema<V extends string> extends Described {
  readonly type: 'string'
  readonly enum?: readonly V[]
  /** ECMAScript regular expression, with the `u` flag. */
  readonly pattern?: string
  /** What the pattern wants, in words: `a header field name` makes `expected a header field name`. */
  readonly 'x-gatewright-expected'?: string
  readonly format?: 'uri' | 'hostname' | 'cidr' | 'regex'
  readonly minLength?: number
  readonly maxLength?: number
  readonly default?: V
  readonly 'x-gatewright-ref'?: ReferenceKind
}

/** A number. */
export interface NumberSchema extends Described {
  readonly type: 'integer' | 'number'
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly default?: number
}

/** Bounds of what `create` receives: a number of milliseconds or bytes, or a text such as `"1s"`. */
interface UnitBounds {
  readonly minimum?: number | string
  readonly exclusiveMinimum?: number | string
  readonly maximum?: number | string
  readonly exclusiveMaximum?: number | string
}

/**
 * A length of time: `"250ms"`, `"1m30s"`, or an integer of seconds. `create` receives milliseconds.
 * The result must be above 0 unless `allowZero` is set.
 */
export interface DurationSchema extends Described, UnitBounds {
  readonly duration: true | { readonly allowZero: true }
  readonly default?: string | number
}

/** An amount of bytes: `"64KiB"`, `"10MB"`, or an integer. `create` receives bytes. */
export interface BytesSchema extends Described, UnitBounds {
  readonly bytes: true | { readonly allowZero: true }
  readonly default?: string | number
}

/** Yes or no. */
export interface BooleanSchema extends Described {
  readonly type: 'boolean'
  readonly default?: boolean
}

/** Without the description, for each member of a union on its own. */
export type Undescribed<S> = S extends unknown ? Omit<S, 'description'> : never

/** A list. */
export interface ArraySchema<I> extends Described {
  readonly type: 'array'
  readonly items: Undescribed<PropertySchema<I>>
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly default?: readonly I[]
}

/** A block whose keys the user chooses. */
export interface MapSchema<V> extends Described {
  readonly type: 'object'
  readonly additionalProperties: Undescribed<PropertySchema<V>>
  readonly default?: Readonly<Record<string, V>>
}

/** A nested block; with `default: {}` the defaults in it hold even if it is not there. */
export type BlockSchema<V> = OptionsSchema<V> &
  Described & { readonly default?: Readonly<Partial<V>> }

/** A nested block for which `true` or `false` may stand as well; then its defaults do not apply. */
export type SwitchSchema<V> = Omit<OptionsSchema<V>, 'type'> &
  Described & { readonly type: readonly ['boolean', 'object']; readonly default?: boolean }

/** Schema of one option whose TypeScript type is `V`. */
export type PropertySchema<V> = unknown extends V
  ? JsonSchema & Described
  : [V] extends [string]
    ? StringSchema<V>
    : [V] extends [number]
      ? NumberSchema | DurationSchema | BytesSchema
      : [V] extends [boolean]
        ? BooleanSchema
        : boolean extends V
          ? SwitchSchema<Exclude<V, boolean>>
          : V extends readonly (infer I)[]
            ? ArraySchema<I>
            : string extends keyof V
              ? MapSchema<V[keyof V]>
              : V extends object
                ? BlockSchema<V>
                : never

/** JSON Schema of an options object. Unknown keys are always an error. */
export interface OptionsSchema<T> {
  readonly type: 'object'
  readonly additionalProperties: false
  readonly description?: string
  readonly required?: readonly (keyof T & string)[]
  readonly properties: IsAny<T> extends true
    ? Readonly<Record<string, JsonSchema & { readonly description: string }>>
    : { readonly [K in keyof T]-?: PropertySchema<Exclude<T[K], undefined>> }
  /** A block of this type that stands alone, as its user would write it; checked by tests. */
  readonly 'x-gatewright-examples'?: readonly { readonly title: string; readonly hcl: string }[]
}

/** Schema of a single value, such as that of a top-level key: `io = "fast"`. */
export type ValueSchema = JsonSchema & { readonly description: string } & (
    | { readonly type: 'string' | 'integer' | 'number' | 'boolean' | readonly string[] }
    | { readonly duration: true | { readonly allowZero: true } }
    | { readonly bytes: true | { readonly allowZero: true } }
  )

type IsAny<T> = 0 extends 1 & T ? true : false

/** Options of a factory in a registry. The only `any` of the kernel: `create` is contravariant. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyOptions = any

/** Any schema of this module, as code that walks over schemas sees it. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly duration?: true | { readonly allowZero: true }
  readonly bytes?: true | { readonly allowZero: true }
  readonly [keyword: string]: unknown
}
