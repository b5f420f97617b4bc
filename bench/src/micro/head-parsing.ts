import { defaultLimits, Head, parseRequestHead, parseResponseHead } from '@gatewright/http1'
import { requestHead } from '../load/load.ts'
import { browserHeaders, get } from '../scenarios/loads.ts'
import type { MicroResult } from './micro.ts'
import { bestNanos } from './timing.ts'

const repetitions = 1000

const response = [
  'HTTP/1.1 200 OK',
  'Server: nginx/1.22.1',
  'Date: Sat, 21 Nov 2026 12:00:00 GMT',
  'Content-Type: text/plain',
  'Content-Length: 1024',
  'Connection: keep-alive',
  '',
  '',
].join('\r\n')

/** Figures of the three heads that nearly all traffic consists of. */
export function measureHeadParsing(): readonly MicroResult[] {
  return [
    {
      name: 'parse of a minimal request head',
      nanos: measure(parseRequestHead, 'GET / HTTP/1.1\r\nHost: example.com\r\n\r\n'),
      bar: 80,
    },
    {
      name: 'parse of the head of a browser, 628 bytes',
      nanos: measure(parseRequestHead, requestHead({ ...get, headers: browserHeaders })),
      bar: 900,
    },
    {
      name: 'parse of a response head',
      nanos: measure(parseResponseHead, response),
      bar: 400,
    },
  ]
}

function measure(parse: typeof parseRequestHead, text: string): number {
  // The parsers may look one byte behind the end.
  const bytes = Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(16)])
  const head = new Head()
  return bestNanos(repetitions, () => {
    for (let i = 0; i < repetitions; i++) {
      head.reset()
      const consumed = parse(bytes, 0, text.length, head, defaultLimits)
      if (consumed !== text.length) throw new Error(`the parser returned ${consumed}`)
    }
  })
}
