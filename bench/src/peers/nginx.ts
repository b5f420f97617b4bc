import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../process/child.ts'
import { loopback } from '../process/port.ts'
import { readProgramVersion, tryFindProgram } from '../process/program.ts'
import { nginxFolders } from './nginx-configuration.ts'
import { fiveDirectives } from './nginx-five.ts'
import { type Found, hostsOf, type Peer, type ProxyTask } from './peer.ts'

/** nginx with one worker and without an access log. */
export const nginx: Peer = createNginx('nginx', 'nginx, one worker', 'plain')

/** The same with what it takes to do the work of a gateway with an access log. */
export const nginxLogged: Peer = createNginx(
  'nginx-logged',
  'nginx, one worker, JSON access log with a buffer of 64 KiB',
  'logged',
)

/** The same with what five middlewares of Gatewright do. */
export const nginxFive: Peer = createNginx(
  'nginx-five',
  'nginx, one worker, doing what the five middlewares do',
  'five',
)

/** What nginx does besides proxying. */
type Work = 'plain' | 'logged' | 'five'

function createNginx(name: string, title: string, work: Work): Peer {
  return {
    name,
    title,

    async find(): Promise<Found> {
      const file = tryFindProgram('nginx')
      if (file === undefined) return { missing: 'nginx is not installed' }
      return { version: await readProgramVersion(file, '-v') }
    },

    async prepare(task: ProxyTask): Promise<Command> {
      const file = join(task.folder, 'nginx.conf')
      await writeFile(file, renderNginx(task, work))
      return { file: tryFindProgram('nginx') ?? 'nginx', args: ['-p', task.folder, '-c', file] }
    },
  }
}

/** The configuration for a task. It sets the same `X-Forwarded-*` fields as Gatewright does. */
export function renderNginx(task: ProxyTask, work: Work): string {
  const { main, http } = nginxFolders(task.folder)
  return `${main}
events { worker_connections 16384; }
http {
  ${http}
  ${work === 'logged' ? accessLog(task) : 'access_log off;'}
  keepalive_requests 1000000000;
  keepalive_timeout 75s;${tlsDirectives(task)}
  client_max_body_size 0;
  server_names_hash_max_size 8192;
  server_names_hash_bucket_size 128;
  proxy_http_version 1.1;
${connectionFields(task)}
${forwardedFields(task)}${work === 'five' ? fiveDirectives.http : ''}${task.bulk ? bulkDirectives : ''}
  upstream app {
    server ${loopback}:${task.upstreamPort};
    keepalive 512;
    keepalive_requests 1000000000;
  }
${serverBlocks(task, work)}
}
`
}

/** `proxy_pass` and `grpc_pass` each have directives of their own. */
function forwardedFields({ needs }: ProxyTask): string {
  const directive = needs.includes('http2-upstream') ? 'grpc_set_header' : 'proxy_set_header'
  const fields = {
    Host: '$host',
    'X-Forwarded-For': '$remote_addr',
    'X-Forwarded-Proto': '$scheme',
    'X-Forwarded-Host': '$host',
  }
  return Object.entries(fields)
    .map(([name, value]) => `  ${directive} ${name} ${value};`)
    .join('\n')
}

/** Towards the upstream, connections stay open or become tunnels. */
function connectionFields({ needs }: ProxyTask): string {
  if (!needs.includes('websocket')) return '  proxy_set_header Connection "";'
  return '  proxy_set_header Connection "upgrade";\n  proxy_set_header Upgrade $http_upgrade;'
}

function tlsDirectives({ certificate }: ProxyTask): string {
  if (certificate === undefined) return ''
  return `
  ssl_certificate ${certificate.certificate};
  ssl_certificate_key ${certificate.key};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:10m;`
}

function accessLog({ folder }: ProxyTask): string {
  const fields = [
    ['time', 'time_iso8601'],
    ['client', 'remote_addr'],
    ['method', 'request_method'],
    ['path', 'request_uri'],
    ['status', 'status'],
    ['bytes', 'body_bytes_sent'],
    ['seconds', 'request_time'],
    ['upstream', 'upstream_addr'],
    ['agent', 'http_user_agent'],
  ].map(([key, variable]) => `"${key}":"$${variable}"`)
  return `log_format json escape=json '{${fields.join(',')}}';
  access_log ${folder}/access.log json buffer=64k flush=1s;`
}

/** Without these nginx passes on 8 KiB at a time and writes uploads to a file first. */
const bulkDirectives = `
  proxy_buffer_size 256k;
  proxy_buffers 8 256k;
  proxy_busy_buffers_size 512k;
  proxy_max_temp_file_size 0;
  proxy_request_buffering off;
  client_body_buffer_size 256k;`

function serverBlocks(task: ProxyTask, work: Work): string {
  const names = task.routers === 1 ? ['_'] : hostsOf(task)
  return names
    .map((name, index) => {
      const socket = `${socketFlags(task)}${index === 0 ? ' backlog=1024' : ''}`
      return `  server {
    listen ${loopback}:${task.port}${socket};
    server_name ${name};
    location / { ${passDirective(task)} }${work === 'five' ? `\n    ${fiveDirectives.location}` : ''}
  }`
    })
    .join('\n')
}

function passDirective({ needs }: ProxyTask): string {
  return needs.includes('http2-upstream') ? 'grpc_pass grpc://app;' : 'proxy_pass http://app;'
}

function socketFlags({ certificate, needs }: ProxyTask): string {
  return `${certificate === undefined ? '' : ' ssl'}${needs.includes('http2') ? ' http2' : ''}`
}
