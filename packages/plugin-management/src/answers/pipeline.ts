/**
 * What the exchanges of a router pass through, step by step, and why in this order.
 *
 * @module
 */
import {
  type GatewayHooks,
  hookNames,
  type Inspected,
  type Pipeline,
  type PlacedFeature,
  type PlacedPart,
  type PlacedTap,
  Stage,
  tapOrder,
} from '@gatewright/kernel'
import { checkName } from './question.ts'

/** One thing that an exchange passes. */
export interface PassedStep {
  /** From 1, in the order in which the steps run. */
  readonly position: number
  readonly kind: 'tap' | 'rules' | 'middleware' | 'service feature' | 'balancer' | 'transport'
  /** Of the block, of the tap, or the type where there is no other name. */
  readonly name: string
  readonly type?: string
  /** Whose code it is; `null` if it is the program's that made the gateway. */
  readonly plugin: string | null
  /** The hook, or the method: `onRequest`, `around`, `onResponse`, … */
  readonly phase: string
  /** Of taps and features: lower is earlier, or further out. */
  readonly stage?: number
  /** Where a tap stands in fact, if something has moved it to the front. */
  readonly effective_stage?: number
  /** Why it stands here. */
  readonly because: string
  /** Where the configuration says so; without it, the plugin does. */
  readonly source?: string
}

/** What the exchanges of a router pass. Survives JSON. */
export interface PipelineAnswer {
  readonly router: string
  readonly kind: 'http' | 'stream'
  readonly service: string
  /** In the order in which they run for an exchange that nobody answers early. */
  readonly steps: readonly PassedStep[]
  /** Features of the service that do nothing while an exchange passes, such as probes. */
  readonly beside: readonly { readonly name: string; readonly plugin: string }[]
}

/** The taps of hooks. Survives JSON. */
export interface TapsAnswer {
  readonly hooks: readonly { readonly hook: string; readonly steps: readonly PassedStep[] }[]
}

type Hook = keyof GatewayHooks
type Unplaced = Omit<PassedStep, 'position'>

/**
 * The pipeline of a router, or what of it has to do with one hook or method. Throws
 * GW_QUESTION_UNKNOWN.
 */
export function pipeline(inspected: Inspected, router: string, phase?: string): PipelineAnswer {
  const { pipelines } = inspected.snapshot
  checkName('router', router, [...pipelines.keys()])
  // Its name was found among the keys.
  const found = pipelines.get(router) as Pipeline
  const { kind, service } = found
  const steps = placed(
    kind === 'http' ? requestSteps(inspected, found) : streamSteps(inspected, found),
  )
  if (phase !== undefined) {
    const known = [...hookNames, ...methods, ...steps.map((step) => step.phase)]
    checkName('hook', phase, [...new Set(known)])
  }
  return {
    router,
    kind,
    service: service.service,
    steps: steps.filter((step) => phase === undefined || step.phase === phase),
    beside: service.features
      .filter(({ phases }) => phases.every((one) => !passing.has(one)))
      .map(({ name, plugin }) => ({ name, plugin })),
  }
}

/** The taps of one hook, or of every hook that has some. Throws GW_QUESTION_UNKNOWN. */
export function taps(inspected: Inspected, hook?: string): TapsAnswer {
  if (hook !== undefined) checkName('hook', hook, hookNames)
  const asked = hookNames.filter((name) => hook === undefined || name === hook)
  const hooks = asked
    .map((name) => ({ hook: name, steps: placed(tapsOf(inspected, name)) }))
    .filter(({ steps }) => hook !== undefined || steps.length > 0)
  return { hooks }
}

/** Phases of features in which an exchange is in their hands. */
/** What middlewares have, also if none of the router does. */
const methods = ['onConnection', 'onRequest', 'onResponse', 'around']

const passing: ReadonlySet<string> = new Set(['around', 'begin', 'wrapBalancer', 'onResponse'])

function requestSteps(
  inspected: Inspected,
  { router, middlewares, service }: Pipeline,
): Unplaced[] {
  const inward = middlewares.map((part, index) => middleware(part, index, router, inwardPhase))
  const outward = middlewares.map((part, index) => middleware(part, index, router, outwardPhase))
  return [
    ...tapsOf(inspected, 'connection'),
    ...tapsOf(inspected, 'request'),
    ...tapsOf(inspected, 'route'),
    ...inward.flat(),
    ...features(service.features, 'around', service.service),
    ...attemptSteps(inspected, service),
    ...features(service.features, 'onResponse', service.service),
    ...outward.toReversed().flat(),
    ...tapsOf(inspected, 'response'),
    ...tapsOf(inspected, 'finish'),
  ]
}

function streamSteps(inspected: Inspected, { router, middlewares, service }: Pipeline): Unplaced[] {
  return [
    ...tapsOf(inspected, 'connection'),
    ...tapsOf(inspected, 'route'),
    ...middlewares.flatMap((part, index) => middleware(part, index, router, ['onConnection'])),
    ...attemptSteps(inspected, service),
    ...tapsOf(inspected, 'finish'),
  ]
}

/** Again for each retry. */
function attemptSteps(
  inspected: Inspected,
  { service, ...parts }: Pipeline['service'],
): Unplaced[] {
  const { balancer, transports } = parts
  return [
    ...features(parts.features, 'begin', service),
    ...features(parts.features, 'wrapBalancer', service),
    {
      kind: 'balancer',
      name: balancer.type,
      plugin: balancer.plugin,
      phase: 'pick',
      because: `the strategy of the service "${service}" chooses a server for each attempt`,
      source: `services.${service}.load_balancer.strategy`,
    },
    ...tapsOf(inspected, 'upstream'),
    ...transports.map(({ type, plugin }) => ({
      kind: 'transport' as const,
      name: type,
      plugin,
      phase: 'send',
      because: `servers of "${service}" have URLs that it serves`,
      source: `services.${service}.load_balancer.servers`,
    })),
    ...tapsOf(inspected, 'upstreamEnd'),
  ]
}

const inwardPhase: readonly string[] = ['onRequest', 'around']
const outwardPhase: readonly string[] = ['onResponse']

function middleware(
  { name, type, plugin, phases }: PlacedPart,
  index: number,
  router: string,
  wanted: readonly string[],
): Unplaced[] {
  return phases
    .filter((phase) => wanted.includes(phase))
    .map((phase) => ({
      kind: 'middleware',
      name,
      type,
      plugin,
      phase,
      because: `number ${index + 1} in the list of the router${directions[phase] ?? ''}`,
      source: `routers.${router}.middlewares[${index}]`,
    }))
}

const directions: Readonly<Record<string, string>> = {
  around: ', around everything after it',
  onResponse: ', which responses pass from the end to the beginning',
}

function features(all: readonly PlacedFeature[], phase: string, service: string): Unplaced[] {
  return all
    .filter(({ phases }) => phases.includes(phase))
    .map(({ name, type, plugin, stage }) => ({
      kind: 'service feature',
      name,
      type,
      plugin,
      phase,
      stage,
      because: `stage ${stage} among the features of the service "${service}"`,
      source: `services.${service}`,
    }))
}

function tapsOf({ hooks, snapshot }: Inspected, hook: Hook): Unplaced[] {
  const order = tapOrder(hooks, hook, snapshot)
  return order.map((tap, index) => {
    const { name, plugin, stage } = tap
    const effective = Math.min(...order.slice(index).map((later) => later.stage))
    const isRules = hook === 'route' && plugin === undefined && name === kernelName
    return {
      kind: isRules ? 'rules' : 'tap',
      name: isRules ? 'rules of the routers' : name,
      plugin: isRules ? kernelName : (plugin ?? null),
      phase: hook,
      stage,
      ...(effective !== stage && { effective_stage: effective }),
      because: whyThere(tap, order[index - 1], effective),
    }
  })
}

const kernelName = '@gatewright/kernel'

function whyThere(
  { stage, before }: PlacedTap,
  previous: PlacedTap | undefined,
  effective: number,
): string {
  if (before.length > 0) {
    const others = before.map((name) => `"${name}"`).join(', ')
    const kept = effective === stage ? '' : `; by its stage it would come later`
    return `put before ${others}${kept}`
  }
  const tied = previous?.stage === stage ? `, tapped after "${previous.name}"` : ''
  return `stage ${stageText(stage)}${tied}`
}

function stageText(stage: number): string {
  const named = Object.entries(Stage).find(([, value]) => value === stage)
  return named === undefined ? String(stage) : `${named[0]} (${stage})`
}

function placed(steps: readonly Unplaced[]): PassedStep[] {
  return steps.map((step, index) => ({ position: index + 1, ...step }))
}
