/**
 * The validator that all schemas are compiled with, and the keywords that it knows.
 *
 * @module
 */
import { BlockList, isIP } from 'node:net'
import { Ajv2020, type FuncKeywordDefinition } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { outOfBounds } from './unit-schema.ts'
import { tryBytes, tryDuration, whyNoDuration } from './units.ts'

/** Keywords for people, and for other parts of the kernel. */
const ownWords: readonly string[] = [
  'x-gatewright-secret',
  'x-gatewright-expected',
  'x-gatewright-ref',
  'x-gatewright-since',
  'x-gatewright-deprecated',
  'x-gatewright-examples',
]
/** The one validator. */
export const ajv: Ajv2020 = createAjv()

/** True for what a schema may have. */
export function isKeyword(name: string): boolean {
  return Object.hasOwn(ajv.RULES.keywords, name)
}

/** What a schema may have, as far as options need it. */
export const knownKeywords: readonly string[] = [
  ...['type', 'description', 'default', 'enum', 'const', 'properties', 'required'],
  ...['additionalProperties', 'items', 'minItems', 'maxItems', 'uniqueItems', 'minLength'],
  ...[
    'maxLength',
    'pattern',
    'format',
    'minimum',
    'exclusiveMinimum',
    'maximum',
    'exclusiveMaximum',
  ],
  ...['multipleOf', 'duration', 'bytes', 'anyOf', 'oneOf', 'allOf', ...ownWords],
]

function createAjv(): Ajv2020 {
  const instance = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    discriminator: false,
    strict: true,
    strictRequired: false,
    useDefaults: true,
    verbose: true,
  })
  addFormats.default(instance, ['uri', 'hostname'])
  instance.addFormat('cidr', isNetwork)
  instance.addFormat('regex', isRegex)
  instance.addKeyword(unitKeyword('duration', tryDuration, whyNoDuration))
  instance.addKeyword(unitKeyword('bytes', tryBytes, whyNoSize))
  instance.addVocabulary([...ownWords])
  return instance
}

/** A keyword that checks a value with a unit and puts the plain number in its place. */
function unitKeyword(
  keyword: string,
  parse: (value: string | number) => number | undefined,
  whyNot: (data: unknown) => string,
): FuncKeywordDefinition {
  const check: NonNullable<FuncKeywordDefinition['validate']> = (rule, data, _parent, context) => {
    const written = typeof data === 'string' || (Number.isInteger(data) && data >= 0)
    const amount = written ? parse(data) : undefined
    if (amount === undefined) {
      check.errors = [{ keyword, message: whyNot(data) }]
      return false
    }
    const allowsZero = typeof rule === 'object' && rule.allowZero === true
    if (amount === 0 && !allowsZero) {
      check.errors = [{ keyword, message: 'must be above 0' }]
      return false
    }
    const broken = outOfBounds(rule, amount)
    if (broken !== undefined) {
      check.errors = [{ keyword, message: broken }]
      return false
    }
    if (context !== undefined) context.parentData[context.parentDataProperty] = amount
    return true
  }
  return {
    keyword,
    modifying: true,
    errors: true,
    schemaType: ['boolean', 'object'],
    validate: check,
  }
}

function whyNoSize(): string {
  return 'expected a size such as "64KiB" or an integer'
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  if (prefix === undefined) return true
  if (!/^\d{1,3}$/.test(prefix)) return false
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4')
    return true
  } catch {
    // The prefix is longer than the address.
    return false
  }
}

function isRegex(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp
  } catch {
    // Not a pattern.
    return false
  }
}
