import { readHcl } from '@gatewright/config-hcl'
import { Gateway, type ProviderStatus } from '@gatewright/kernel'
import http from '@gatewright/plugin-http'
import loadBalancer from '@gatewright/plugin-load-balancer'
import router from '@gatewright/plugin-router'
import { type RecordedLogs, recordLogs, request } from '@gatewright/testing'
import { expect, vi } from 'vitest'
import file from '../src/index.ts'
import { createFolder, type Folder } from './folder.ts'

/** A gateway made by a program, out of files in a temporary folder. */
export interface World extends AsyncDisposable {
  readonly folder: Folder
  readonly gateway: Gateway
  readonly logs: RecordedLogs
  status(): ProviderStatus | undefined
  /** The first log entry with that message, once it is there. */
  logged(msg: string): Promise<object | undefined>
}

const fileBlock = 'file {\n  directory   = "conf.d"\n  debounce_ms = 20\n}'

/** A main file with an entrypoint, the service `app` that always answers, and a router for `/main`. */
export function mainFile(block = fileBlock, more = ''): string {
  return `
    providers {
      ${block}
    }
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "http://127.0.0.1:9" }]
      }
    }
    ${routerTo('main')}
    ${more}
  `
}

/** A router for a path. What it leads to does not answer, which is a status like any other. */
export function routerTo(path: string, service = 'app', name = path): string {
  return `routers "${name}" {\n  rule    = "Path(\`/${path}\`)"\n  service = "${service}"\n}\n`
}

export async function startWorld(files: Readonly<Record<string, string>>): Promise<World> {
  const folder = await createFolder(files)
  const logs = recordLogs()
  const gateway = new Gateway({ log: logs.log, plugins: [http, router, loadBalancer, file] })
  try {
    await gateway.start(await readHcl(folder.at('gateway.hcl')))
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
  return {
    folder,
    gateway,
    logs,
    status: () => gateway.providers[0],
    logged: (msg) =>
      vi.waitFor(
        () => {
          const [found] = logs.find({ msg })
          expect(found).toBeDefined()
          return found
        },
        { timeout: 10_000 },
      ),
    async [Symbol.asyncDispose]() {
      await gateway.shutdown()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Comes back when requests have these outcomes: path → status. */
export async function expectAnswers(
  { gateway }: World,
  wanted: Readonly<Record<string, number>>,
): Promise<void> {
  const answers = async (): Promise<Record<string, number>> => {
    const port = gateway.addresses.get('web')?.port
    const pairs = Object.keys(wanted).map(async (path) => {
      const { status } = await request(`http://127.0.0.1:${port}/${path}`)
      return [path, status] as const
    })
    return Object.fromEntries(await Promise.all(pairs))
  }
  await vi.waitFor(async () => expect(await answers()).toEqual(wanted), { timeout: 10_000 })
}
