/**
 * Which router would take a request, and why the others would not.
 *
 * @module
 */
import { Duplex } from 'node:stream'
import {
  asGatewayError,
  type Connection,
  type Exchange,
  GatewayRequest,
  type Inspected,
  errors as kernelErrors,
  RequestContext,
  type RouteVerdict,
  redacted,
  type Snapshot,
  StreamContext,
  tapOrder,
} from '@gatewright/kernel'
import { type Arrival, arrivalOf } from './arrival.ts'
import { type Asked, type RouteQuestion, readQuestion } from './question.ts'

/** What one router makes of the request. */
export interface ExplainedRouter {
  readonly router: string
  readonly rule: string
  /** What it is sorted by. */
  readonly priority: number
  /** Where that comes from: the configuration, or the length of the rule. */
  readonly priority_from: 'priority' | 'rule'
  /** Whether its rule fits; only the first one of those gets the request. */
  readonly matches: boolean
  readonly because: string
}

/** The router that takes the request, and what that means. */
export interface ChosenRouter extends ExplainedRouter {
  /** In the order in which the request passes them. */
  readonly middlewares: readonly { readonly name: string; readonly type: string }[]
  readonly service: string
  /** How many servers the service has, and how many of them could be chosen now. */
  readonly servers: number
  readonly available: number
}

/** The request as routers see it. */
export interface ExplainedRequest {
  readonly url: string
  /** `http`, `tcp` or `udp`. */
  readonly protocol: string
  /** Of HTTP; with `target` and `host`. */
  readonly method?: string
  readonly target?: string
  readonly host?: string
  readonly entrypoint: string
  /** Why that entrypoint. */
  readonly entrypoint_because: string
  readonly encrypted: boolean
  readonly server_name?: string
  readonly remote_address: string
}

/** Who would take a request. Survives JSON. */
export interface Explanation {
  readonly request: ExplainedRequest
  readonly outcome: 'routed' | 'no-route' | 'refused'
  /** `null` if nobody takes it. */
  readonly chosen: ChosenRouter | null
  /** What the client is told if nobody takes it. */
  readonly error?: { readonly code: string; readonly status: number; readonly message: string }
  /** In the order in which they are asked; the chosen one is not among them. */
  readonly others: readonly ExplainedRouter[]
  /** What this cannot know. */
  readonly notes: readonly string[]
}

/**
 * Says which router would take a request, and why the others would not. Sends nothing. Throws
 * GW_QUESTION_INVALID, GW_QUESTION_UNKNOWN, GW_QUESTION_ENTRYPOINT.
 */
export function explain(inspected: Inspected, question: RouteQuestion): Explanation {
  const asked = readQuestion(question)
  const arrival = arrivalOf(inspected, asked, question.entrypoint)
  const { snapshot } = inspected
  const exchange = exchangeOf(snapshot, asked, arrival)
  const request = describe(asked, arrival)
  const notes = notesOn(inspected, asked, arrival)
  try {
    const verdicts = snapshot.explainRoute(exchange)
    const winner = verdicts.find(({ matches }) => matches)
    const routers = verdicts.map((verdict) => routerOf(inspected, verdict, winner, verdicts))
    const others = routers.filter(({ router }) => router !== winner?.router)
    const first = routers.find(({ router }) => router === winner?.router)
    if (first === undefined) {
      const error = errorOf(kernelErrors.GW_NO_ROUTE({ target: asked.target }))
      return { request, outcome: 'no-route', chosen: null, error, others, notes }
    }
    return { request, outcome: 'routed', chosen: chosenOf(snapshot, first), others, notes }
  } catch (error) {
    return { request, outcome: 'refused', chosen: null, error: errorOf(error), others: [], notes }
  }
}

function errorOf(thrown: unknown): NonNullable<Explanation['error']> {
  const { code, status, message } = asGatewayError(thrown)
  return { code, status, message }
}

function chosenOf(snapshot: Snapshot, explained: ExplainedRouter): ChosenRouter {
  const { router } = explained
  const pipeline = snapshot.pipelines.get(router)
  const service = pipeline?.service.service ?? ''
  const pool = snapshot.services.get(service)?.pool
  return {
    ...explained,
    middlewares: pipeline?.middlewares.map(({ name, type }) => ({ name, type })) ?? [],
    service,
    servers: pool?.all.length ?? 0,
    available: pool?.available.length ?? 0,
  }
}

function routerOf(
  { snapshot, understood }: Inspected,
  verdict: RouteVerdict,
  winner: RouteVerdict | undefined,
  all: readonly RouteVerdict[],
): ExplainedRouter {
  const { router, priority, matches } = verdict
  // What came from the environment is shown nowhere.
  const isSecret = understood.isSecret(['routers', router, 'rule'])
  const configured = snapshot.config.routers[router]?.priority ?? 0
  return {
    router,
    rule: isSecret ? redacted : verdict.rule,
    priority,
    priority_from: configured === 0 && priority !== 0 ? 'rule' : 'priority',
    matches,
    because: matches
      ? whyTaken(verdict, winner, all)
      : reasonOf(isSecret ? undefined : verdict.because),
  }
}

function reasonOf(because: string | undefined): string {
  return because ?? 'its rule does not hold'
}

function whyTaken(
  { router, priority }: RouteVerdict,
  winner: RouteVerdict | undefined,
  all: readonly RouteVerdict[],
): string {
  const rivals = all.filter(({ matches }) => matches).length
  if (winner?.router === router) {
    if (rivals === 1) return 'its rule holds, and that of no other router does'
    return `its rule holds, and of the ${rivals} routers whose rules do it is asked first`
  }
  const asked = `its rule holds too, but "${winner?.router}" is asked before it`
  return priority === winner?.priority
    ? `${asked} (both have the priority ${priority})`
    : `${asked} (priority ${priority} against ${winner?.priority})`
}

function describe(
  asked: Asked,
  { entrypoint, because, encrypted, serverName, isStream, network }: Arrival,
): ExplainedRequest {
  const { url, method, target, authority, remoteAddress } = asked
  return {
    url,
    protocol: isStream ? network : 'http',
    ...(!isStream && { method, target, host: authority }),
    entrypoint,
    entrypoint_because: because,
    encrypted,
    ...(serverName !== undefined && { server_name: serverName }),
    remote_address: remoteAddress,
  }
}

function exchangeOf(snapshot: Snapshot, asked: Asked, arrival: Arrival): Exchange {
  const { entrypoint, encrypted, serverName, port, isStream } = arrival
  const connection: Connection = {
    id: 0,
    entrypoint,
    remoteAddress: asked.remoteAddress,
    remotePort: 0,
    localPort: port,
    encrypted,
    serverName,
    alpn: undefined,
    snapshot,
    defer: () => undefined,
  }
  if (isStream) return new StreamContext(connection, snapshot, new SilentClient())
  const { method, target, authority, headers, upgrade } = asked
  const head = { version: '1.1', method, target, authority, headers, upgrade } as const
  return new RequestContext(connection, snapshot, new GatewayRequest(head, null))
}

/** A client that says nothing and hears nothing. */
class SilentClient extends Duplex {
  override _read(): void {
    // There is nothing to say.
  }
}

function notesOn(inspected: Inspected, asked: Asked, arrival: Arrival): string[] {
  const { isStream, notes } = arrival
  if (isStream) {
    return [...notes, ...peekNotes(inspected.snapshot, arrival), ...tapNotes(inspected, ['route'])]
  }
  const hostless =
    asked.authority === ''
      ? ['no host was given, so no rule about hosts can hold; add the header "host"']
      : []
  return [...notes, ...hostless, ...tapNotes(inspected, ['request', 'route'])]
}

function peekNotes(snapshot: Snapshot, { entrypoint, serverName }: Arrival): string[] {
  if (!snapshot.peeks(entrypoint)) return []
  return serverName === undefined
    ? ['rules of this entrypoint look at the TLS server name, and none was given; ask with tls://']
    : ['the client is taken to offer no ALPN protocol']
}

/** What may come before the rules of the routers, which nobody has run. */
function tapNotes(
  { hooks, snapshot }: Inspected,
  early: readonly ('request' | 'route')[],
): string[] {
  return early.flatMap((hook) => {
    const does = hook === 'route' ? 'choose another route' : 'answer before routers are asked'
    const names = tapOrder(hooks, hook, snapshot)
      .filter(({ name, plugin }) => plugin !== undefined || name !== '@gatewright/kernel')
      .map(({ name, plugin }) => plugin ?? `"${name}"`)
    if (names.length === 0) return []
    return [`taps were not run, which could ${does}: ${[...new Set(names)].join(', ')}`]
  })
}
