/** What a hand-made ClientHello says. */
interface HelloInit {
  readonly name?: string
  readonly alpn?: readonly string[]
  /** Further extensions, in front of the others. */
  readonly extensions?: readonly Buffer[]
  /** What stands behind them. */
  readonly behind?: string
}

/** The smallest ClientHello of TLS 1.2: one cipher, no session. */
export function helloMessage({ name, alpn, extensions = [], behind = '' }: HelloInit): Buffer {
  const all = [...extensions]
  if (name !== undefined) all.push(serverNameExtension([name]))
  if (alpn !== undefined)
    all.push(
      extension(
        16,
        vector(
          2,
          alpn.map((id) => vector(1, [id])),
        ),
      ),
    )
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    Buffer.from([0]),
    vector(2, [Buffer.from([0x13, 0x01])]),
    vector(1, [Buffer.from([0])]),
    ...(all.length === 0 ? [] : [vector(2, all)]),
    Buffer.from(behind),
  ])
  return Buffer.concat([Buffer.from([1, 0]), vector(2, [body])])
}

/** A message in records of at most so many bytes. */
export function records(message: Buffer, size = 16_384): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    parts.push(Buffer.from([0x16, 3, 1]), vector(2, [message.subarray(at, at + size)]))
  }
  return Buffer.concat(parts)
}

/** The same, ready to be sent. */
export function hello(init: HelloInit): Buffer {
  return records(helloMessage(init))
}

function serverNameExtension(names: readonly string[], type = 0): Buffer {
  const list = names.map((name) => Buffer.concat([Buffer.from([type]), vector(2, [name])]))
  return extension(0, vector(2, list))
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), vector(2, [body])])
}

/** Parts behind their length, which has so many bytes. */
function vector(size: 1 | 2, parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const length = Buffer.alloc(size)
  length.writeUIntBE(body.length, 0, size)
  return Buffer.concat([length, body])
}
