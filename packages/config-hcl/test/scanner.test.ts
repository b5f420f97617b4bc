import { readdirSync, readFileSync } from 'node:fs'
import { isGatewayError } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, parseText } from '../src/grammar/grammar.ts'
import { parseHcl } from '../src/index.ts'
import { scan } from '../src/scan/scanner.ts'
import type { Block, Body, Literal } from '../src/scan/structure.ts'
import { createMutator } from './mutator.ts'

/** Longer runs find more: `HCL_TEST_SECONDS=600`. */
const seconds = Number(process.env['HCL_TEST_SECONDS'] ?? 5)
const seed = Number(process.env['HCL_TEST_SEED'] ?? 1)

const folder = new URL('./samples/', import.meta.url)
const samples = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'))

describe('scanner', () => {
  it.each(samples)('sees what the parser sees in a sample', async (text) => {
    const structure = scan(text)

    expect(structure.failure).toBeUndefined()
    expect(differences(structure.body, await parseText('', text))).toEqual([])
  })

  it('agrees with the parser on mutated files', { timeout: seconds * 1000 + 30_000 }, async () => {
    const mutate = createMutator(samples, seed)
    const end = performance.now() + seconds * 1000
    let accepted = 0
    let refused = 0

    while (performance.now() < end || accepted < 100) {
      const text = mutate().replace(/^\uFEFF+/, '')
      const structure = scan(text)
      const json = await parseText('', text)
      await expectOutcome(text)
      if (typeof json === 'string') {
        refused++
        continue
      }
      accepted++
      expect(structure.failure, text).toBeUndefined()
      expect(differences(structure.body, json), text).toEqual([])
    }

    expect(accepted).toBeGreaterThan(refused / 20)
  })
})

/** Whatever the text is, the result is a document or an error that says where the problem is. */
async function expectOutcome(text: string): Promise<void> {
  try {
    await parseHcl(text, { file: 'test.hcl', env: { NAME: 'x' }, readFile: () => '' })
  } catch (error) {
    expect(isGatewayError(error) && error.code, text).toBe('GW_CONFIG_INVALID')
  }
}

/** Where the scanner's structure is not that of the parser's JSON. */
function differences(body: Body, json: Json | string, path = ''): string[] {
  if (!isObject(json)) return [`${path}: not an object`]
  const groups = Map.groupBy(body.items, (item) => (item.kind === 'block' ? item.type : item.name))
  const missing = Object.keys(json).filter((key) => !groups.has(key))
  return [
    ...missing.map((key) => `${path}/${key}: not seen`),
    ...[...groups].flatMap(([name, items]) => {
      const own = json[name]
      const attribute = items.find((item) => item.kind === 'attribute')
      if (own === undefined) return [`${path}/${name}: not there`]
      if (attribute !== undefined)
        return literalDifferences(attribute.value, own, `${path}/${name}`)
      const blocks = items.filter((item) => item.kind === 'block')
      return blockDifferences(blocks, own, `${path}/${name}`, 0)
    }),
  ]
}

function blockDifferences(
  blocks: readonly Block[],
  json: Json,
  path: string,
  depth: number,
): string[] {
  const labelled = Map.groupBy(blocks, ({ labels }) => labels[depth]?.text)
  const bare = labelled.get(undefined) ?? []
  if (bare.length > 0) {
    if (!Array.isArray(json) || json.length !== bare.length) return [`${path}: other blocks`]
    return bare.flatMap(({ body }, index) => differences(body, json[index], `${path}/${index}`))
  }
  if (!isObject(json)) return [`${path}: not labelled`]
  const labels = [...labelled.keys()].filter((label) => label !== undefined)
  if (labels.toSorted().join() !== Object.keys(json).toSorted().join()) return [`${path}: labels`]
  return labels.flatMap((label) => {
    const content = json[label]
    const own = labelled.get(label) ?? []
    return content === undefined
      ? []
      : blockDifferences(own, content, `${path}/${label}`, depth + 1)
  })
}

function literalDifferences(literal: Literal, json: Json, path: string): string[] {
  if (literal.kind === 'list') {
    const { items } = literal
    if (!Array.isArray(json) || json.length !== items.length) return [`${path}: other list`]
    return items.flatMap((item, index) => literalDifferences(item, json[index], `${path}/${index}`))
  }
  // The parser unwraps `"${[1]}"`, so that what is no literal may be a list, too.
  if (literal.kind === 'expression') return []
  if (!isObject(json)) return [`${path}: not an object`]
  const known = literal.entries.flatMap(({ key }) => (key === undefined ? [] : [key]))
  const missing = known.filter((key) => !Object.hasOwn(json, key))
  const others = Object.keys(json).filter((key) => !known.includes(key))
  const computed = literal.entries.length - known.length
  return [
    ...missing.map((key) => `${path}/${key}: not there`),
    ...(others.length > computed ? [`${path}: not seen: ${others.join()}`] : []),
    // Of keys that are twice in a literal, the parser keeps the last.
    ...literal.entries.flatMap(({ key, value }, index) => {
      if (key === undefined || known.lastIndexOf(key) !== known.indexOf(key)) return []
      return literalDifferences(value, json[key] ?? null, `${path}/${index}`)
    }),
  ]
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
