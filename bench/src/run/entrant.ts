import { createCertificate } from '../certificate.ts'
import { bulkBytes } from '../load/load.ts'
import { createFolder } from '../measure/running-proxy.ts'
import type { Peer, ProxyTask } from '../peers/peer.ts'
import { findFreePorts } from '../process/port.ts'
import type { CandidateResult, Sample } from '../report/result.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Bench } from './bench.ts'

/** Programs that do not start may say a lot. */
const maxReason = 500

/** One candidate in one scenario, and what has become of it so far. */
export class Entrant {
  readonly peer: Peer
  /** `undefined` if it does not take part. */
  readonly task: ProxyTask | undefined
  readonly samples: Sample[] = []
  #version: string
  #status: CandidateResult['status'] = 'measured'
  #reason: string | undefined = undefined

  constructor(peer: Peer, version: string, task: ProxyTask | undefined) {
    this.peer = peer
    this.#version = version
    this.task = task
  }

  get takesPart(): boolean {
    return this.#status === 'measured'
  }

  /** From now on it takes no part. What was measured before does not count either. */
  drop(status: Exclude<CandidateResult['status'], 'measured'>, reason: string): this {
    this.#status = status
    this.#reason = reason
    this.samples.length = 0
    return this
  }

  get result(): CandidateResult {
    const { peer, samples } = this
    return {
      name: peer.name,
      title: peer.title,
      version: this.#version,
      status: this.#status,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      samples,
    }
  }
}

/** Finds out whether a candidate can take part and prepares it. */
export async function enter(
  bench: Bench,
  scenario: Scenario,
  peer: Peer,
  upstreamPort: number,
): Promise<Entrant> {
  const found = await peer.find()
  if ('missing' in found) return new Entrant(peer, '', undefined).drop('missing', found.missing)
  const { version } = found
  try {
    const task = await createTask(bench, scenario, peer, upstreamPort)
    const entrant = new Entrant(peer, version, task)
    await peer.prepare(task)
    const refusal = await peer.refuses?.(task)
    return refusal === undefined ? entrant : entrant.drop('not yet', refusal)
  } catch (error) {
    return new Entrant(peer, version, undefined).drop('failed', messageOf(error))
  }
}

/** One line of whatever was thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ').slice(0, maxReason)
}

async function createTask(
  { workbench }: Bench,
  { name, needs, routers, cores, load }: Scenario,
  peer: Peer,
  upstreamPort: number,
): Promise<ProxyTask> {
  const [port = 0] = await findFreePorts(1)
  const folder = await createFolder(workbench, name, peer.name)
  const largest = Math.max(load.uploadBytes, load.downloadBytes)
  return {
    port,
    upstreamPort,
    folder,
    routers,
    cores,
    bulk: largest > bulkBytes,
    connections: load.connections,
    needs,
    ...(needs.includes('tls') && { certificate: await createCertificate(workbench, folder) }),
  }
}
