import { vi } from 'vitest'
import type { PipelineSettings, UpstreamSettings } from '../../../src/index.ts'
import { Sender } from '../sender.ts'
import type { RawUpstream } from './raw-upstream.ts'

/** One connection, and no guard that a slow machine could trip. */
const patient: PipelineSettings = { connections: 1, depth: 8, headOfLineMs: 60_000 }

/** A sender whose shared connection is open. */
export async function startShared(
  { url }: RawUpstream,
  pipeline: Partial<PipelineSettings> = {},
  settings: Partial<UpstreamSettings> = {},
): Promise<Sender> {
  const sender = new Sender(url, settings, { ...patient, ...pipeline })
  await sender.fetch({ target: '/warm' })
  await vi.waitUntil(() => sender.shared?.shared === 1)
  return sender
}

/** Sends requests in one turn of the event loop; the results are the bodies, or error codes. */
export function fetchAll(sender: Sender, targets: readonly string[]): Promise<string[]> {
  return Promise.all(
    targets.map((target) =>
      sender.fetch({ target }).catch((error: { readonly code: string }) => error.code),
    ),
  )
}
