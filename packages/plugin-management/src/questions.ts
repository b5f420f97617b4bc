/**
 * Questions about who would take a request, and what it would pass.
 *
 * @module
 */
import { explain } from './answers/explain.ts'
import { pipeline, taps } from './answers/pipeline.ts'
import { checkName, type RouteQuestion } from './answers/question.ts'
import { errors } from './answers/question-errors.ts'
import type { Asked } from './asked.ts'
import { json, type Reply, refusal } from './reply.ts'

const keys = ['url', 'method', 'headers', 'entrypoint', 'remote_address'] as const
const options = keys.map((key) => (key === 'headers' ? 'header' : key))

/** `GET /explain?url=…&method=…&header=…` */
export function explainQuery({ running, query }: Asked): Reply {
  for (const option of query.keys()) checkName('option', option, options)
  const said = Object.fromEntries([...query].filter(([option]) => option !== 'header'))
  const headers = query.getAll('header').map(readField)
  return json(explain(running, questionOf({ ...said, headers })))
}

/** `POST /match` with `{ "url": …, "method": …, "headers": { … } }`. */
export function explainBody({ running, body }: Asked): Reply {
  return json(explain(running, questionOf(parse(body))))
}

/** `GET /pipeline/<router>?phase=…` */
export function pipelineOf({ running, name, query }: Asked): Reply {
  if (name === undefined) return refusal(404, 'name a router: /pipeline/<router>')
  for (const option of query.keys()) checkName('option', option, ['phase'])
  return json(pipeline(running, name, query.get('phase') ?? undefined))
}

/** `GET /hooks` and `GET /hooks/<hook>` */
export function hooksOf({ running, name }: Asked): Reply {
  return json(taps(running, name))
}

function parse(body: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    parsed = undefined
  }
  if (isRecord(parsed)) return parsed
  throw invalid('the body', 'a JSON object with a url', body)
}

function questionOf(said: Readonly<Record<string, unknown>>): RouteQuestion {
  for (const key of Object.keys(said)) checkName('key', key, keys)
  const { url = '', headers, ...rest } = said
  for (const [key, value] of Object.entries({ url, ...rest })) {
    if (typeof value !== 'string') throw invalid(`"${key}"`, 'a text', value)
  }
  // All of them are texts.
  const texts = { url, ...rest } as Pick<RouteQuestion, 'url'>
  return { ...texts, ...(headers !== undefined && { headers: fieldsOf(headers) }) }
}

/** An object by name, or a list of pairs, as a header may be there twice. */
function fieldsOf(headers: unknown): (readonly [string, string])[] {
  const pairs = isRecord(headers) ? Object.entries(headers) : headers
  if (Array.isArray(pairs) && pairs.every((pair) => isField(pair))) return pairs
  throw invalid('"headers"', 'an object with texts, or a list of pairs of texts', headers)
}

function isField(pair: unknown): pair is readonly [string, string] {
  return Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')
}

function readField(field: string): readonly [string, string] {
  const colon = field.indexOf(':')
  if (colon > 0) return [field.slice(0, colon).trim(), field.slice(colon + 1).trim()]
  throw invalid('"header"', 'name: value', field)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(what: string, expected: string, found: unknown): Error {
  return errors.GW_QUESTION_INVALID({ what, expected, found: JSON.stringify(found) })
}
