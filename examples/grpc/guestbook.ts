/**
 * What servers and clients of the guest book agree on. Messages are JSON, so that the example needs
 * no code that is made from a `.proto` file.
 *
 * @module
 */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js'

/** What somebody wrote. */
export interface Entry {
  readonly text: string
  /** Which server took it. */
  readonly server?: string
}

/** The service `demo.Guestbook`. */
export const guestbook = {
  sign: method('/demo.Guestbook/Sign', false),
  follow: method('/demo.Guestbook/Follow', true),
} satisfies ServiceDefinition

/** The part of `grpc.health.v1.Health` that the gateway asks. */
export const health = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
} satisfies ServiceDefinition

function method(path: string, responseStream: boolean): MethodDefinition<Entry, Entry> {
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: write,
    requestDeserialize: read,
    responseSerialize: write,
    responseDeserialize: read,
  }
}

function write(entry: Entry): Buffer {
  return Buffer.from(JSON.stringify(entry))
}

function read(bytes: Buffer): Entry {
  // Both sides are in this folder.
  return JSON.parse(bytes.toString()) as Entry
}

function same(bytes: Buffer): Buffer {
  return bytes
}
