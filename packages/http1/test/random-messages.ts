/**
 * Messages made at random, the same ones in every run: valid ones, and as many that are nearly so.
 *
 * @module
 */
import { mutate, pick } from './mutations.ts'

/** Numbers from 0 to below 1. */
export type RandomSource = () => number

const methods = ['GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']
const tokenBytes = "!#$%&'*+-.^_`|~0189abcxyzABCXYZ"
const hosts = ['a', 'a.example:80', '127.0.0.1', '[::1]:8080', 'A-B_c~', 'x:0', 'localhost.']
const connections = ['close', 'keep-alive', 'x-y', 'close, x', 'Keep-Alive , te', 'upgrade', ',,']
const reasons = ['OK', '', 'Not  Found', 'd\xe9j\xe0 vu', 'X: y', '200', '\t!']
const statuses = [200, 200, 201, 204, 205, 206, 301, 304, 404, 500, 503, 599]
const codings = [
  'chunked',
  'Chunked',
  ' chunked',
  'chunked ',
  '\tchunked',
  'CHUNKED  ',
  'chunked\t',
]
const extensions = ['', '', '', ';a', ';a=b', ';a="b c"', ';a;b=c', ';foo=bar;x="y;z"']

/** A request, and sometimes one that is nearly valid. */
export function randomRequest(random: RandomSource): string {
  const minor = random() < 0.9 ? 1 : 0
  const { lines, body } = randomBody(random, minor, true)
  const fields = [...randomFields(random), ...lines, `Host:${blank(random)}${pick(hosts, random)}`]
  const text = `${randomRequestLine(random, minor)}\r\n${shuffled(fields, random)}\r\n${body}`
  return spoiled(random() < 0.05 ? `\r\n${text}` : text, random)
}

/** A response, and sometimes one that is nearly valid. */
export function randomResponse(random: RandomSource): string {
  const minor = random() < 0.9 ? 1 : 0
  const { lines, body } = randomBody(random, minor, false)
  const start = `HTTP/1.${minor} ${pick(statuses, random)} ${pick(reasons, random)}`
  const early = random() < 0.1 ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' : ''
  const text = `${start}\r\n${shuffled([...randomFields(random), ...lines], random)}\r\n${body}`
  return spoiled(early + text, random)
}

function randomRequestLine(random: RandomSource, minor: number): string {
  const method = random() < 0.05 ? word(random, 8) : pick(methods, random)
  return `${method} ${randomTarget(method, random)} HTTP/1.${minor}`
}

function randomTarget(method: string, random: RandomSource): string {
  if (method === 'OPTIONS' && random() < 0.5) return '*'
  let path = ''
  for (let left = below(20, random); left > 0; left--) {
    const unit = 0x21 + below(0x5e, random)
    path += unit === 0x23 ? '?' : String.fromCharCode(unit)
  }
  return random() < 0.1 ? `http://${pick(hosts, random)}/${path}` : `/${path}`
}

function randomFields(random: RandomSource): string[] {
  const fields: string[] = []
  for (let left = below(5, random); left > 0; left--) {
    fields.push(`${word(random, 12)}:${blank(random)}${randomValue(random)}${blank(random)}`)
  }
  if (random() < 0.2) fields.push(`Connection: ${pick(connections, random)}`)
  return fields
}

function randomValue(random: RandomSource): string {
  let value = ''
  for (let left = below(16, random); left > 0; left--) {
    const unit = random() < 0.1 ? 0x09 : 0x20 + below(0xe0, random)
    value += unit === 0x7f ? ' ' : String.fromCharCode(unit)
  }
  return value
}

interface RandomBody {
  readonly lines: readonly string[]
  readonly body: string
}

function randomBody(random: RandomSource, minor: number, delimited: boolean): RandomBody {
  const data = randomData(random)
  const kind = random()
  if (kind < 0.3) return { lines: [], body: delimited ? '' : data }
  if (kind < 0.6 || minor === 0) {
    const zeros = random() < 0.1 ? '00' : ''
    return { lines: [`Content-Length: ${zeros}${data.length}`], body: data }
  }
  const lines = [`Transfer-Encoding:${pick(codings, random)}`]
  return { lines, body: randomChunks(data, random) }
}

function randomChunks(data: string, random: RandomSource): string {
  let coded = ''
  for (let at = 0; at < data.length; ) {
    const piece = data.slice(at, at + 1 + below(12, random))
    at += piece.length
    coded += `${randomSize(piece.length, random)}\r\n${piece}\r\n`
  }
  coded += `${randomSize(0, random)}\r\n`
  if (random() < 0.2) coded += `${word(random, 6)}: ${word(random, 6)}\r\n`
  return `${coded}\r\n`
}

function randomSize(size: number, random: RandomSource): string {
  const digits = size.toString(16)
  const zeros = random() < 0.1 ? '00' : ''
  return zeros + (random() < 0.3 ? digits.toUpperCase() : digits) + pick(extensions, random)
}

function randomData(random: RandomSource): string {
  if (random() < 0.2) return ''
  if (random() < 0.1) return 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
  let data = ''
  for (let left = below(30, random); left > 0; left--) {
    data += String.fromCharCode(below(256, random))
  }
  return data
}

function spoiled(text: string, random: RandomSource): string {
  return random() < 0.4 ? text : mutate(text, random)
}

function shuffled(lines: readonly string[], random: RandomSource): string {
  const left = [...lines]
  let text = ''
  while (left.length > 0) text += `${left.splice(below(left.length, random), 1).join('')}\r\n`
  return text
}

function word(random: RandomSource, most: number): string {
  let text = ''
  for (let left = 1 + below(most, random); left > 0; left--) {
    text += tokenBytes[below(tokenBytes.length, random)] ?? ''
  }
  return text
}

function blank(random: RandomSource): string {
  return random() < 0.8 ? ' ' : pick(['', '  ', '\t', ' \t '], random)
}

function below(bound: number, random: RandomSource): number {
  return Math.floor(random() * bound)
}
