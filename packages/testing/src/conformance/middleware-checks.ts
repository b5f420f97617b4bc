import { parseHcl } from '@gatewright/config-hcl'
import type { GatewayConfigInput, MiddlewareFactory, Plugin } from '@gatewright/kernel'
import type { SendInit } from '../memory/memory-clients.ts'
import type { MemoryResponse } from '../memory/memory-message.ts'
import { validateInMemory } from '../mount/memory-gateway.ts'
import {
  type MountOptions,
  mountMiddleware,
  type Owner,
  pluginsOf,
  validateMiddleware,
} from '../mount/mount-middleware.ts'
import { flatFields } from '../wire/fields.ts'
import { type Check, mustHold } from './check.ts'
import {
  type Fault,
  FaultInjector,
  faults,
  type HandlerName,
  handlers,
  wrapInstances,
} from './fault-injector.ts'
import { isIdle, lifecycleChecks } from './lifecycle-checks.ts'
import { type OptionCases, schemaChecks } from './schema-checks.ts'

/** What a middleware type is tried with. */
export interface MiddlewareCases extends OptionCases {
  /** Requests that reach every handler, with the first valid options. Default `GET /`. */
  readonly requests?: readonly SendInit[]
  /** Requests that are rejected, with the first valid options. Default none. */
  readonly rejected?: readonly SendInit[]
  /**
   * Request fields that only this middleware may tell the upstream, with the first valid options.
   * What clients send there must never arrive, under `skip_paths` and in a dry run neither. Default
   * none.
   */
  readonly ownFields?: readonly string[]
  /** Further plugins that it needs. */
  readonly plugins?: readonly Plugin[]
  /** Further blocks that it needs. */
  readonly config?: GatewayConfigInput
}

/** What a client says about itself. */
const lie = 'said-by-the-client'

interface Subject<O> {
  readonly factory: MiddlewareFactory<O>
  readonly cases: MiddlewareCases
  readonly requests: readonly SendInit[]
  readonly mount: MountOptions
}

/**
 * The contract of middlewares for requests, as functions that reject where it is broken.
 * @param owner See `MountOptions`.
 */
export function middlewareChecks<O>(
  factory: MiddlewareFactory<O>,
  cases: MiddlewareCases,
  owner?: Owner<MiddlewareFactory>,
): readonly Check[] {
  const { plugins = [], config = {}, requests = [{}], valid } = cases
  const mount: MountOptions = { plugins, config, owner }
  const subject: Subject<O> = { factory, cases, requests, mount }
  return [
    ...schemaChecks({
      type: factory.type,
      schema: factory.schema,
      foreignKeys: ['type', 'skip_paths', 'scope', 'dry_run'],
      ...cases,
      instantiate: async (options) => (await mountMiddleware(factory, options, mount)).close(),
    }),
    { name: 'has examples that work', run: () => examplesWork(subject) },
    ...lifecycleChecks({
      factory,
      options: valid[0],
      mount: (observed, options) => mountMiddleware(observed, options, mount),
      validate: (observed, options) => validateMiddleware(observed, options, mount),
    }),
    ...faults.map((fault) => ({
      name: `costs no more than the exchange when a handler ${fault}`,
      run: () => contains(subject, fault),
    })),
    { name: 'lets go of an exchange whose client left', run: () => letsGo(subject) },
    { name: 'rejects what it should', run: () => rejects(subject) },
    { name: 'rejects nothing in a dry run', run: () => rejectsNothing(subject) },
    { name: 'lets no client speak in its place', run: () => speaksForItself(subject) },
  ]
}

async function examplesWork<O>({ factory, mount }: Subject<O>): Promise<void> {
  for (const { title, hcl } of factory.schema['x-gatewright-examples'] ?? []) {
    const document = await parseHcl(hcl, { file: `example "${title}"`, allowMissingEnv: true })
    const [problem] = await validateInMemory(pluginsOf(factory, mount), document)
    const where = problem?.path.join('.') ?? ''
    mustHold(problem === undefined, `example "${title}": ${where}: ${problem?.message}`)
  }
}

async function contains<O>(subject: Subject<O>, fault: Fault): Promise<void> {
  const present = await handlersOf(subject)
  mustHold(present.length > 0, 'it handles neither requests nor responses')
  // One after the other: an owner has one gateway at a time.
  for (const handler of present) await containsIn(subject, fault, handler)
}

async function containsIn<O>(
  { factory, cases, requests, mount }: Subject<O>,
  fault: Fault,
  handler: HandlerName,
): Promise<void> {
  const injector = new FaultInjector(fault, handler)
  await using mounted = await mountMiddleware(injector.wrap(factory), cases.valid[0], {
    ...mount,
    ...(fault === 'never answers' && { pendingTimeoutMs: 500 }),
  })
  let response: MemoryResponse | undefined
  for (const request of requests) {
    response = await mounted.send(request)
    if (injector.reached) break
  }
  mustHold(injector.reached, `no request reached "${handler}"; give some that do`)
  const isOpen = handler === 'onResponse' && factory.failure?.response === 'open'
  const code = response?.error?.code ?? 'no error'
  const contained = isOpen ? !isPluginError(response) : isPluginError(response)
  mustHold(contained, `"${handler}" ${fault}, and the client got ${response?.status} (${code})`)
  mustHold(isIdle(mounted.gateway), `"${handler}" ${fault}, and the exchange went on`)

  injector.armed = false
  for (const request of requests) {
    const after = await mounted.send(request)
    mustHold(!isPluginError(after), `"${handler}" ${fault}, and later requests fail, too`)
  }
}

async function handlersOf<O>(subject: Subject<O>): Promise<HandlerName[]> {
  const { factory, cases, mount } = subject
  const present: HandlerName[] = []
  const looking = wrapInstances(factory, (middleware) => {
    present.push(...handlers.filter((name) => middleware[name] !== undefined))
    return middleware
  })
  await using _ = await mountMiddleware(looking, cases.valid[0], mount)
  return present
}

async function letsGo<O>({ factory, cases, requests, mount }: Subject<O>): Promise<void> {
  await using mounted = await mountMiddleware(factory, cases.valid[0], mount)
  const { send, abort, gateway } = mounted
  for (const request of requests) {
    const upstream = (): Promise<never> => {
      // As soon as the middleware has seen the request through.
      setImmediate(abort)
      return new Promise(() => undefined)
    }
    await send({ ...request, upstream })
    mustHold(isIdle(gateway), 'the exchange went on after its client had left')
  }
}

async function rejects<O>({ factory, cases, mount }: Subject<O>): Promise<void> {
  await using mounted = await mountMiddleware(factory, cases.valid[0], mount)
  for (const request of cases.rejected ?? []) {
    const { status } = await mounted.send(request)
    const reached = mounted.upstream.requests.length > 0
    mustHold(status >= 400 && !reached, `${nameOf(request)} was answered ${status}`)
  }
}

async function rejectsNothing<O>({ factory, cases, requests, mount }: Subject<O>): Promise<void> {
  await using mounted = await mountMiddleware(factory, cases.valid[0], { ...mount, dryRun: true })
  for (const request of [...requests, ...(cases.rejected ?? [])]) {
    const before = mounted.upstream.requests.length
    const { status, error } = await mounted.send(request)
    const reached = mounted.upstream.requests.length > before
    const answer = `${status} (${error?.code ?? 'no error'})`
    mustHold(reached, `${nameOf(request)} was answered ${answer} in a dry run`)
  }
}

async function speaksForItself<O>(subject: Subject<O>): Promise<void> {
  const { requests, cases } = subject
  const all = [...requests, ...(cases.rejected ?? [])]
  await hearsNothing(subject, requests, {}, '')
  await hearsNothing(subject, all, { dryRun: true }, ' in a dry run')
  await hearsNothing(subject, all, { skipPaths: ['/'] }, ' under "skip_paths"')
}

async function hearsNothing<O>(
  { factory, cases, mount }: Subject<O>,
  requests: readonly SendInit[],
  keys: MountOptions,
  where: string,
): Promise<void> {
  const forged = (cases.ownFields ?? []).flatMap((name) => [name, name.replaceAll('-', '_')])
  if (forged.length === 0) return
  await using mounted = await mountMiddleware(factory, cases.valid[0], { ...mount, ...keys })
  for (const request of requests) {
    const headers = [
      ...pairsOf(flatFields(request.headers ?? {})),
      ...forged.map((name) => [name, lie] as const),
    ]
    await mounted.send({ ...request, headers })
    const heard = Object.entries(mounted.upstream.requests.at(-1)?.headers ?? {})
    const [name] = heard.find(([, value]) => value.includes(lie)) ?? []
    mustHold(name === undefined, `the upstream believes the "${name}" of a client${where}`)
  }
}

function pairsOf(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : []))
}

function isPluginError(response: MemoryResponse | undefined): boolean {
  return response?.error?.code.startsWith('GW_PLUGIN_') === true
}

function nameOf({ method = 'GET', target = '/' }: SendInit): string {
  return `${method} ${target}`
}
