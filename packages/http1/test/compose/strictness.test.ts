import { HeaderList } from '@gatewright/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  composeRequest,
  composeResponse,
  Framing,
  forwardedKinds,
  type Head,
  HeaderBlock,
  hopByHopKinds,
  RequestPlan,
  ResponsePlan,
  requestFraming,
  responseFraming,
  WireHeaders,
} from '../../src/index.ts'
import { parseRequest, parseResponse } from '../head/parsed.ts'
import { fieldName, fields, fieldValue, host, method, target } from '../messages.ts'

const out = Buffer.alloc(65536)

/** Lines that try to reframe or reroute what is sent on. */
const trickyLine = fc.constantFrom(
  'Connection: close, x-a, content-length',
  'Connection: Transfer-Encoding, host',
  'connection: keep-alive',
  'Keep-Alive: 1',
  'Upgrade: h2c',
  'TE: trailers, gzip',
  'Trailer: x',
  'X-A: 1',
  'x-forwarded-for: 1.1.1.1',
  'Expect: 100-continue',
)
const framingLine = fc.constantFrom('', 'Content-Length: 7\r\n', 'Transfer-Encoding: chunked\r\n')
const trickyField = fc.tuple(
  fc.constantFrom('connection', 'content-length', 'transfer-encoding', 'te', 'upgrade', 'x-a'),
  fc.constantFrom('close', '3', '3, 3', 'chunked', 'gzip, chunked', 'x'),
)
const edits = fc.array(
  fc.oneof(
    fc.tuple(
      fieldName.map((name) => name.toLowerCase()),
      fieldValue,
    ),
    trickyField,
  ),
  { maxLength: 5 },
)
const framing = fc.constantFrom(0, 3, 7, Framing.chunked, Framing.none)
const connection = fc.constantFrom(undefined, 'close', 'keep-alive')

describe('composed requests', () => {
  it('are one strict message with the framing that was decided, whatever came in', () => {
    const received = fc
      .tuple(method, target, host, framingLine, fields, fc.array(trickyLine, { maxLength: 4 }))
      .map(
        ([m, t, h, length, list, tricks]) =>
          `${m} ${t} HTTP/1.1\r\n${tricks.map((line) => `${line}\r\n`).join('')}Host: ${h}\r\n` +
          `${length}${list.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      )
    fc.assert(
      fc.property(
        received,
        edits,
        framing,
        connection,
        fc.boolean(),
        fc.boolean(),
        (text, list, decided, option, flat, te) => {
          const head = parseRequest(text)
          const headers = edited(head, list, flat)
          const plan = Object.assign(new RequestPlan(), {
            head,
            fields: headers,
            framing: decided,
            connection: option,
            acceptsTrailers: te,
            block: new HeaderBlock(['x-forwarded-for', '2.2.2.2']),
            dropped: forwardedKinds,
          })

          const sent = parseRequest(out.toString('latin1', 0, composeRequest(out, 0, plan)))

          expect(requestFraming(sent)).toBe(decided)
          expect(sent.methodText).toBe(head.methodText)
          expect(sent.targetText).toBe(head.targetText)
          expect(sent.hostText).toBe(head.hostText)
          expect(sent.acceptsTrailers).toBe(te)
          expect(sent.close).toBe(option === 'close')
          expect(sent.nominates).toBe(false)
          expect(forwardedLines(sent)).toEqual(['x-forwarded-for', '2.2.2.2'])
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('composed responses', () => {
  it('are one strict message with the framing that was decided, whatever came in', () => {
    const received = fc
      .tuple(framingLine, fields, fc.array(trickyLine, { maxLength: 4 }))
      .map(
        ([length, list, tricks]) =>
          `HTTP/1.1 200 Fine\r\n${tricks.map((line) => `${line}\r\n`).join('')}${length}` +
          `${list.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      )
    const any = fc.oneof(
      framing.filter((each) => each !== Framing.none),
      fc.constant(Framing.untilClose),
    )
    fc.assert(
      fc.property(received, edits, any, fc.boolean(), (text, list, decided, flat) => {
        const head = parseResponse(text)
        const plan = Object.assign(new ResponsePlan(), {
          head,
          fields: edited(head, list, flat),
          framing: decided,
        })

        const sent = parseResponse(out.toString('latin1', 0, composeResponse(out, 0, plan)))

        expect(responseFraming(sent, 0)).toBe(decided)
        expect(sent.reasonText).toBe('Fine')
        expect(sent.seen & hopByHopKinds & ~transferEncoding).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})

const transferEncoding = 1 << 4

/** The received header with fields appended, as a view of its bytes or as a flat list. */
function edited(
  head: Head,
  list: readonly (readonly [string, string])[],
  flat: boolean,
): HeaderList {
  const headers = flat ? new HeaderList(head.toFields()) : new WireHeaders(head)
  for (const [name, value] of list) headers.append(name, value)
  return headers
}

function forwardedLines(head: Head): string[] {
  const fieldList = head.toFields()
  return fieldList.filter((_, i) => /^x[-_](?:forwarded|real)/.test(fieldList[i - (i % 2)] ?? ''))
}
