/**
 * Calls the guest book: `client.ts sign "Ann was here"`, or `client.ts follow`.
 *
 * @module
 */
import {
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { type Entry, guestbook } from './guestbook.ts'

/** Calls to one gateway. */
export interface Guest extends Disposable {
  sign(text: string): Promise<Entry>
  follow(): ClientReadableStream<Entry>
}

/** @param address Host and port of the gateway. */
export function connect(address: string): Guest {
  const Client = makeGenericClientConstructor(guestbook, 'demo.Guestbook')
  const client = new Client(address, credentials.createInsecure())
  const { sign, follow } = guestbook
  return {
    sign: (text) =>
      new Promise((resolve, reject) => {
        const entry: Entry = { text }
        const deadline = Date.now() + 5000
        client.makeUnaryRequest(
          sign.path,
          sign.requestSerialize,
          sign.responseDeserialize,
          entry,
          { deadline },
          (error: ServiceError | null, taken?: Entry) => {
            if (taken === undefined) reject(error ?? new Error('no answer'))
            else resolve(taken)
          },
        )
      }),
    follow: () =>
      client.makeServerStreamRequest(
        follow.path,
        follow.requestSerialize,
        follow.responseDeserialize,
        { text: '' },
      ),
    [Symbol.dispose]: () => client.close(),
  }
}

if (import.meta.main) {
  const [, , what, text = 'somebody was here'] = process.argv
  using guest = connect(process.env['GATEWAY'] ?? '127.0.0.1:8080')
  if (what === 'follow') {
    for await (const entry of guest.follow()) console.log(entry)
  } else console.log(await guest.sign(text))
}
