/**
 * What can be asked, by path.
 *
 * @module
 */
import { contentTypes, formatFor, metricsOf } from '@gatewright/plugin-metrics'
import { certificatesOf } from './answers/certificates.ts'
import { entrypointsOf } from './answers/entrypoints.ts'
import { healthOf } from './answers/health.ts'
import { middlewaresOf } from './answers/middlewares.ts'
import { pluginsOf } from './answers/plugins.ts'
import { providersOf } from './answers/providers.ts'
import { routesOf } from './answers/routes.ts'
import { backendsOf, servicesOf } from './answers/services.ts'
import { snapshotOf } from './answers/snapshot.ts'
import { versionOf } from './answers/version.ts'
import type { Asked } from './asked.ts'
import type { Endpoint, Methods } from './endpoint.ts'
import { loopLag } from './loop-lag.ts'
import { processesOf } from './process-state.ts'
import { explainBody, explainQuery, hooksOf, pipelineOf } from './questions.ts'
import { livenessOf, readinessOf, reasonsAgainst } from './readiness.ts'
import { reload } from './reload.ts'
import { json, type Reply, refusal } from './reply.ts'
import { validate } from './validation.ts'

/** Those behind the prefix, by the first part of the path. */
export const endpoints: ReadonlyMap<string, Methods> = new Map<string, Methods>([
  ['health', reads(async ({ running }) => json(healthOf(running, await processesOf(running))))],
  ['metrics', reads(metrics)],
  ['config', reads(config)],
  ['version', reads(({ running }) => json(versionOf(running)))],
  ['snapshot', reads(async ({ running }) => json(snapshotOf(running, await processesOf(running))))],
  ['routes', list('Route', async ({ running }) => routesOf(running, await processesOf(running)))],
  [
    'services',
    list('Service', async ({ running }) => servicesOf(running, await processesOf(running))),
  ],
  ['backends', reads(async ({ running }) => json(backendsOf(running, await processesOf(running))))],
  ['middlewares', list('Middleware', ({ running }) => middlewaresOf(running))],
  [
    'entrypoints',
    list('Entrypoint', async ({ running }) => entrypointsOf(running, await processesOf(running))),
  ],
  ['certificates', reads(async ({ running }) => json(await certificatesOf(running)))],
  ['providers', list('Provider', ({ running }) => providersOf(running))],
  ['plugins', reads(({ running }) => json(pluginsOf(running)))],
  ['explain', reads(explainQuery)],
  ['match', { POST: { role: 'read', takes: ['application/json'], answer: explainBody } }],
  ['pipeline', reads(pipelineOf, true)],
  ['hooks', reads(hooksOf, true)],
  ['reload', { POST: { role: 'admin', takes: ['application/json'], answer: reload } }],
  ['validate', { POST: validation() }],
  // As others call it.
  ['config/validate', { POST: validation() }],
])

/** Those for whoever keeps the process running, at the root. */
export const probes: ReadonlyMap<string, Methods> = new Map<string, Methods>([
  ['livez', { GET: { role: undefined, answer: livez } }],
  ['readyz', { GET: { role: undefined, answer: readyz } }],
  ['health', reads(async ({ running }) => json(healthOf(running, await processesOf(running))))],
])

function reads(answer: Endpoint['answer'], named: boolean = false): Methods {
  return { GET: { role: 'read', named, answer } }
}

/** All of them, or the one that is named. */
function list(
  noun: string,
  all: (asked: Asked) => readonly Named[] | Promise<readonly Named[]>,
): Methods {
  const answer = async (asked: Asked): Promise<Reply> => {
    const items = await all(asked)
    if (asked.name === undefined) return json(items)
    const found = items.find(({ name }) => name === asked.name)
    return found === undefined ? refusal(404, `${noun} not found`) : json(found)
  }
  return { GET: { role: 'read', named: true, answer } }
}

interface Named {
  readonly name: string
}

async function metrics({ running, headers }: Asked): Promise<Reply> {
  const found = metricsOf(running)
  if (found === undefined) {
    return refusal(404, 'there are no metrics: the configuration has no block metrics')
  }
  const format = formatFor(headers.accept)
  return { status: 200, type: contentTypes[format], body: await found.text(format) }
}

async function config({ running, query }: Asked): Promise<Reply> {
  for (const key of query.keys()) {
    return refusal(400, `"${key}" is no option: the configuration is told as JSON, with defaults`)
  }
  return json(await running.shownConfig())
}

function validation(): Endpoint {
  return {
    role: 'admin',
    takes: ['text/plain', 'application/hcl'],
    async answer({ running, body }) {
      const found = await validate(running, body)
      return json(found, found.valid ? 200 : 422)
    },
  }
}

function livez(): Reply {
  const found = livenessOf(loopLag.ms)
  return json(found, found.live ? 200 : 503)
}

async function readyz({ running }: Asked): Promise<Reply> {
  const own = reasonsAgainst(running)
  // Where this process is ready nobody else has to be asked, who may hang.
  const all = own.length === 0 ? [] : await processesOf(running)
  const found = readinessOf([own, ...all.map(({ notReady }) => notReady)])
  return json(found, found.ready ? 200 : 503)
}
