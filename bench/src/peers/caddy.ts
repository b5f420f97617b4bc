import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../process/child.ts'
import { loopback } from '../process/port.ts'
import { readProgramVersion, tryFindProgram } from '../process/program.ts'
import { type Found, hostsOf, type Peer, type ProxyTask } from './peer.ts'

/** Caddy with one thread that runs Go code at a time, and without a log. */
export const caddy: Peer = {
  name: 'caddy',
  title: 'Caddy, GOMAXPROCS=1',

  async find(): Promise<Found> {
    const file = tryFindProgram('caddy')
    if (file === undefined) return { missing: 'caddy is not installed' }
    return { version: await readProgramVersion(file, 'version') }
  },

  async prepare(task: ProxyTask): Promise<Command> {
    const file = join(task.folder, 'Caddyfile')
    await writeFile(file, renderCaddy(task))
    return {
      file: tryFindProgram('caddy') ?? 'caddy',
      args: ['run', '--config', file, '--adapter', 'caddyfile'],
      env: {
        GOMAXPROCS: '1',
        HOME: task.folder,
        XDG_CONFIG_HOME: task.folder,
        XDG_DATA_HOME: task.folder,
      },
    }
  },
}

/** The configuration for a task. Caddy sets the `X-Forwarded-*` fields by itself. */
export function renderCaddy(task: ProxyTask): string {
  const tls = task.certificate
  const hosts = task.routers === 1 ? [''] : hostsOf(task)
  const sites = hosts.map(
    (host) => `${tls === undefined ? 'http' : 'https'}://${host}:${task.port} {
  bind ${loopback}${tls === undefined ? '' : `\n  tls ${tls.certificate} ${tls.key}`}
  reverse_proxy ${loopback}:${task.upstreamPort} {
    transport http {${task.needs.includes('http2-upstream') ? '\n      versions h2c' : ''}
      keepalive_idle_conns_per_host 1024
    }
  }
}
`,
  )
  return `{
  admin off
  auto_https off
  default_sni app-117.example.com
  servers {
    protocols h1 h2${tls === undefined && task.needs.includes('http2') ? ' h2c' : ''}
  }
  log {
    output discard
  }
}
${sites.join('')}`
}
