import { Readable } from 'node:stream'
import { definePlugin, type TransportFactory } from '@gatewright/kernel'
import type { Owner, WrittenOptions } from '../mount/mount-middleware.ts'
import {
  type MountedTransport,
  mountTransport,
  validateTransport,
} from '../mount/mount-transport.ts'
import { deadUrl } from '../upstream/dead-url.ts'
import {
  closeAfterHead,
  closeBeforeResponse,
  hang,
  malformed,
  resetAfter,
} from '../upstream/faults.ts'
import { chunked, type Reply, reply } from '../upstream/reply.ts'
import { startUpstream } from '../upstream/upstream.ts'
import { type Check, inTime, mustHold } from './check.ts'
import { lifecycleChecks } from './lifecycle-checks.ts'
import { type OptionCases, schemaChecks } from './schema-checks.ts'

interface Subject {
  readonly mount: (url: string) => Promise<MountedTransport>
}

/**
 * The contract of transports that speak HTTP/1.1 without TLS, as functions that reject where it is
 * broken. The scheme is `http`.
 * @param owner See `MountOptions`.
 */
export function transportChecks<O>(
  factory: TransportFactory<O>,
  cases: OptionCases,
  owner?: Owner<TransportFactory>,
): readonly Check[] {
  const [options] = cases.valid
  // Nothing is sent there.
  const nowhere = 'http://127.0.0.1:1'
  const mountWith = (written: WrittenOptions): Promise<MountedTransport> =>
    mountTransport(factory, written, nowhere, [], owner)
  const subject: Subject = { mount: (url) => mountTransport(factory, options, url, [], owner) }
  return [
    ...schemaChecks({
      type: factory.type,
      schema: factory.schema,
      foreignKeys: ['strategy', 'servers'],
      ...cases,
      instantiate: async (written) => (await mountWith(written)).close(),
    }),
    ...lifecycleChecks({
      factory,
      options,
      mount: (observed, written) => mountTransport(observed, written, nowhere, [], owner),
      validate: (observed, written) => validateTransport(observed, written, nowhere, owner),
    }),
    { name: 'forwards method, target, fields and body', run: () => forwards(subject) },
    { name: 'forwards a body of unknown length', run: () => streamsUp(subject) },
    { name: 'brings back status, fields, body and trailers', run: () => bringsBack(subject) },
    {
      name: 'hands on a head before its body is there',
      run: () => headFirst(factory, options, owner),
    },
    { name: 'says when nothing can have been sent', run: () => refused(subject) },
    ...broken.map(([what, fault]) => ({
      name: `blames the upstream for ${what}`,
      run: () => blames(subject, fault),
    })),
    { name: 'does not pass a cut-off body for a whole one', run: () => cutOff(subject) },
    { name: 'gives up when the client leaves', run: () => givesUp(subject) },
    { name: 'keeps no connection when the gateway stops', run: () => closes(subject) },
  ]
}

const broken: readonly (readonly [what: string, fault: () => Reply])[] = [
  ['a reset before the response', () => resetAfter(0, reply())],
  ['a reset within the head', () => resetAfter(10, reply())],
  ['an end before the response', closeBeforeResponse],
  ['a malformed status line', () => malformed('status-line')],
  ['a malformed field', () => malformed('header')],
  ['a malformed length', () => malformed('length')],
]

async function forwards({ mount }: Subject): Promise<void> {
  await using upstream = await startUpstream()
  await using mounted = await mount(upstream.url)
  const sent = [
    ['x-one', '1'],
    ['x-one', '2'],
    ['connection', 'x-hop'],
    ['x-hop', 'dropped'],
    ['keep-alive', 'timeout=5'],
  ] as const
  await mounted.send({ method: 'PUT', target: '/a%20b?c=%2F', headers: sent, body: 'sent' })
  const [got] = upstream.requests
  mustHold(got !== undefined, 'nothing arrived')
  mustHold(got.method === 'PUT' && got.target === '/a%20b?c=%2F', `${got.method} ${got.target}`)
  mustHold(got.text === 'sent', `the body arrived as ${JSON.stringify(got.text)}`)
  mustHold(got.headerValues('x-one').join() === '1,2', 'a repeated field arrived otherwise')
  const hops = ['x-hop', 'keep-alive'].filter((name) => got.headers[name] !== undefined)
  mustHold(hops.length === 0, `fields of one connection were forwarded: ${hops.join(', ')}`)
}

async function streamsUp({ mount }: Subject): Promise<void> {
  await using upstream = await startUpstream()
  await using mounted = await mount(upstream.url)
  await mounted.send({ method: 'POST', body: Readable.from(['one', 'two']) })
  const text = upstream.requests[0]?.text
  mustHold(text === 'onetwo', `the body arrived as ${JSON.stringify(text)}`)
}

async function bringsBack({ mount }: Subject): Promise<void> {
  const fields = { 'set-cookie': ['a=1', 'b=2'] }
  await using upstream = await startUpstream(chunked(418, fields, ['x', 'y'], { 'x-sum': '2' }))
  await using mounted = await mount(upstream.url)
  const response = await mounted.send()
  mustHold(response.status === 418, `the status came back as ${response.status}`)
  mustHold(response.headerValues('set-cookie').join() === 'a=1,b=2', 'cookies came back otherwise')
  mustHold(response.text === 'xy', `the body came back as ${JSON.stringify(response.text)}`)
  mustHold(response.trailers['x-sum'] === '2', 'the trailers did not come back')
}

async function headFirst<O>(
  factory: TransportFactory<O>,
  options: WrittenOptions,
  owner: Owner<TransportFactory> | undefined,
): Promise<void> {
  const head = Promise.withResolvers<void>()
  const pieces = async function* untilHead(): AsyncGenerator<string> {
    yield 'first'
    await head.promise
    yield ' second'
  }
  const watching = definePlugin({
    name: 'watching',
    setup: (gateway) => gateway.hooks.response.tap('watching', () => head.resolve()),
  })
  await using upstream = await startUpstream(chunked(200, {}, pieces))
  await using mounted = await mountTransport(factory, options, upstream.url, [watching], owner)
  try {
    const response = await inTime(mounted.send(), 'the head waits for the end of the body')
    mustHold(response.text === 'first second', `the body came back as ${response.text}`)
  } finally {
    head.resolve()
  }
}

async function refused({ mount }: Subject): Promise<void> {
  await using mounted = await mount(await deadUrl())
  const { error } = await mounted.send({ method: 'POST', body: 'x' })
  mustHold(error?.code === 'GW_UPSTREAM_CONNECT', `the error is ${error?.code ?? 'none'}`)
  mustHold(error.retryable, 'the error does not say that nothing was sent')
}

async function blames({ mount }: Subject, fault: () => Reply): Promise<void> {
  await using upstream = await startUpstream(fault())
  await using mounted = await mount(upstream.url)
  const { error } = await inTime(mounted.send({ method: 'POST', body: 'x' }), 'there is no answer')
  mustHold(error !== undefined, 'the failure looks like a response')
  const { code, source, status, retryable } = error
  mustHold(source === 'upstream' && status === 502, `${code} blames the ${source} with ${status}`)
  mustHold(!retryable, `${code} says that nothing was sent, but something was`)
}

async function cutOff({ mount }: Subject): Promise<void> {
  await using upstream = await startUpstream(closeAfterHead())
  await using mounted = await mount(upstream.url)
  const { error, bodyError } = await inTime(mounted.send(), 'the response does not end')
  mustHold(error !== undefined || bodyError !== undefined, 'the body counts as complete')
}

async function givesUp({ mount }: Subject): Promise<void> {
  await using upstream = await startUpstream(hang())
  await using mounted = await mount(upstream.url)
  const response = mounted.send()
  const { gone } = await upstream.nextRequest()
  mounted.abort()
  const { error } = await inTime(response, 'the exchange waits for the upstream')
  mustHold(error?.code === 'GW_CLIENT_ABORTED', `the error is ${error?.code ?? 'none'}`)
  await inTime(gone, 'the connection to the upstream stays')
}

async function closes({ mount }: Subject): Promise<void> {
  await using upstream = await startUpstream()
  await using mounted = await mount(upstream.url)
  await mounted.send()
  await mounted.close()
  const { gone } = await upstream.nextRequest()
  await inTime(gone, 'the connection to the upstream stays')
}
