import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../process/child.ts'
import { loopback } from '../process/port.ts'
import { readProgramVersion, tryFindProgram } from '../process/program.ts'
import { type Found, hostsOf, type Peer, type ProxyTask } from './peer.ts'

/** HAProxy with one thread and without a log. */
export const haproxy: Peer = {
  name: 'haproxy',
  title: 'HAProxy, one thread',

  async find(): Promise<Found> {
    const file = tryFindProgram('haproxy')
    if (file === undefined) return { missing: 'haproxy is not installed' }
    return { version: await readProgramVersion(file, '-v') }
  },

  async prepare(task: ProxyTask): Promise<Command> {
    const file = join(task.folder, 'haproxy.cfg')
    await writeFile(file, renderHaproxy(task))
    if (task.routers > 1) await writeFile(mapFile(task), renderMap(task))
    return { file: tryFindProgram('haproxy') ?? 'haproxy', args: ['-db', '-f', file] }
  },
}

/** The configuration for a task. It sets the same `X-Forwarded-*` fields as Gatewright does. */
export function renderHaproxy(task: ProxyTask): string {
  const choice =
    task.routers === 1
      ? 'default_backend app'
      : `use_backend %[req.hdr(host),lower,map_str(${mapFile(task)})]`
  const tls = task.certificate
  // It refuses to start if twice this number exceeds the limit of open files.
  const connections = Math.max(1024, task.connections + 256)
  return `global
  nbthread 1
  maxconn ${connections}${task.bulk ? '\n  tune.bufsize 262144' : ''}
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  timeout tunnel 75s
  option http-no-delay
frontend web
  bind ${loopback}:${task.port} backlog 1024${bindOptions(task)}
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto ${tls === undefined ? 'http' : 'https'}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  ${choice}
backend app
  http-reuse always
  server app ${loopback}:${task.upstreamPort} pool-max-conn 1024${task.needs.includes('http2-upstream') ? ' proto h2' : ''}
`
}

function bindOptions({ certificate, needs }: ProxyTask): string {
  if (certificate === undefined) return needs.includes('http2') ? ' proto h2' : ''
  return ` ssl crt ${certificate.bundle}${needs.includes('http2') ? ' alpn h2,http/1.1' : ''}`
}

function renderMap(task: ProxyTask): string {
  return hostsOf(task)
    .map((host) => `${host} app\n`)
    .join('')
}

function mapFile({ folder }: ProxyTask): string {
  return join(folder, 'hosts.map')
}
