import type { EndpointPool, Plugin, ServiceFeatureFactory } from '@gatewright/kernel'
import { roundRobin } from '@gatewright/plugin-load-balancer'
import {
  type FeatureMountOptions,
  type MountedFeature,
  mountServiceFeature,
  type Script,
  type SendInit,
} from '@gatewright/testing'
import { sticky } from '../src/index.ts'

/** Of the `sticky` blocks of the tests. */
export const cookieName = 'server'
export const secret = 'a long text that nobody can guess'

const answerWithName: Script = ({ attempt }) => ({ body: attempt.endpoint.url.host })

/** Runs between the first and the second try of every exchange. */
export type Between = (pool: EndpointPool) => void

/** Has the service take its servers in turn, and try twice if there is something to do in between. */
const turns = (between?: Between): Plugin => ({
  name: 'turns',
  setup({ balancers, hooks, serviceFeatures }) {
    balancers.register(roundRobin)
    if (between !== undefined) serviceFeatures.register(twice(between))
    hooks.config.tap('turns', ({ services, ...config }) => {
      // What the kit has put together.
      const { featured } = services as { readonly featured: { readonly load_balancer: object } }
      const balancing = { ...featured.load_balancer, strategy: 'round-robin' }
      const tries = between === undefined ? {} : { twice: true }
      const service = { load_balancer: balancing, ...tries }
      return { ...config, services: { ...services, featured: service } }
    })
  },
})

function twice(between: Between): ServiceFeatureFactory {
  return {
    type: 'twice',
    parent: 'service',
    schema: { type: 'boolean', description: 'Whether each request is sent twice.' },
    stage: -1000,
    create: (_value, { pool }) => ({
      around: async (ctx, next) => {
        const first = await next(ctx)
        first.discard()
        between(pool)
        return next(ctx)
      },
    }),
  }
}

/** What stands around a `sticky` block. */
export interface Around extends Pick<FeatureMountOptions, 'servers'> {
  readonly between?: Between
}

/** A service with a `sticky` block for {@link Browser}. */
export function mount(options: object = {}, around?: Around): Promise<MountedFeature> {
  return mountWith({ cookie: cookieName, secret, ...options }, around)
}

/** A service with servers that take their turns and answer with their names. */
export function mountWith(
  options: object,
  { servers = ['a', 'b', 'c'], between }: Around = {},
): Promise<MountedFeature> {
  return mountServiceFeature(sticky, options, {
    servers,
    plugins: [turns(between)],
    upstream: answerWithName,
  })
}

/** What that server answers; others answer with their names. */
export function at(name: string, outcome: Exclude<Script, readonly unknown[]>): Script {
  return (request) => {
    const { host } = request.attempt.endpoint.url
    return host === name ? outcome : { body: host }
  }
}

/** The health of servers by their names. */
export function setHealth(
  { service }: MountedFeature,
  healthy: Readonly<Record<string, boolean>>,
): void {
  const { pool } = service()
  for (const endpoint of pool.all) {
    const verdict = healthy[endpoint.url.host]
    if (verdict !== undefined) pool.setHealthy(endpoint, 'test', verdict)
  }
}

type Response = Awaited<ReturnType<MountedFeature['send']>>

/** A client that keeps its cookie. */
export class Browser {
  /** Its value. */
  cookie: string | undefined
  readonly #mounted: Pick<MountedFeature, 'send'>

  constructor(mounted: Pick<MountedFeature, 'send'>, cookie?: string) {
    this.#mounted = mounted
    this.cookie = cookie
  }

  async send(init: SendInit = {}): Promise<Response> {
    const response = await this.#mounted.send({ headers: this.#headers(), ...init })
    const [field] = response.headerValues('set-cookie')
    if (field !== undefined) this.cookie = field.slice(cookieName.length + 1, field.indexOf(';'))
    return response
  }

  /** The servers that so many requests reach, one after the other. */
  async ask(times: number): Promise<string[]> {
    const asked: string[] = []
    for (let i = 0; i < times; i++) asked.push((await this.send()).text)
    return asked
  }

  #headers(): Readonly<Record<string, string>> {
    return this.cookie === undefined ? {} : { cookie: `${cookieName}=${this.cookie}` }
  }
}
