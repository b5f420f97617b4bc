/**
 * Messages that are nearly right, the same ones in every run.
 *
 * @module
 */

/** A sequence of numbers from 0 to below 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const fragments = [
  ...['\r', '\n', '\r\n', ' ', '\t', '\0', ':', ',', ';', '\x0b', '\x7f', '\x80', '\xff', '"', '#'],
  ...[
    '0',
    '1',
    '5',
    'a',
    'A',
    '-',
    '+',
    '_',
    '0x',
    '%',
    '*',
    '/',
    '//',
    '?',
    'http://b',
    'HTTP/1.0',
  ],
  ...['chunked', 'Chunked', 'identity', 'gzip, chunked', 'close', 'keep-alive', ' chunked', 'x'],
  ...[
    'Content-Length: 5\r\n',
    'Content-Length: 0\r\n',
    'content-length:3\r\n',
    'X: y\r\n',
    ' z\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'transfer-encoding:\tchunked \r\n',
    'Host: b\r\n',
    '\r\n\r\n',
  ],
  ...['Connection: close\r\n', '0\r\n\r\n', '5\r\nhello\r\n', '1;x=y\r\nz\r\n', 'HTTP/1.1', 'GET'],
]

/** Changes a message in one to three places. */
export function mutate(message: string, random: () => number): string {
  let text = message
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) text = mutateOnce(text, random)
  return text
}

/** Any of the list. */
export function pick<T>(list: readonly [T, ...T[]] | readonly T[], random: () => number): T {
  // In range, and no list here is empty.
  return list[Math.floor(random() * list.length)] as T
}

function mutateOnce(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length)
  switch (Math.floor(random() * 6)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1)
    case 1:
      return (
        text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1)
      )
    case 2:
      return swapLines(text, random)
    case 3:
      return text.slice(0, at) + text.slice(at).replace(/[^\r\n]+/, (run) => run + run)
    default:
      return text.slice(0, at) + pick(fragments, random) + text.slice(at)
  }
}

function swapLines(text: string, random: () => number): string {
  const lines = text.split('\r\n')
  const from = Math.floor(random() * lines.length)
  const to = Math.floor(random() * lines.length)
  const line = lines[from] ?? ''
  lines.splice(to, 0, line)
  return lines.join('\r\n')
}
