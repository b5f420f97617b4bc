import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bulkBytes, type Load } from '../load/load.ts'
import { createPayload } from '../payload.ts'
import { nginxFolders } from '../peers/nginx-configuration.ts'
import type { Child, Command } from '../process/child.ts'
import { findFreePorts, loopback, waitUntilListening } from '../process/port.ts'
import type { Workbench } from '../process/workbench.ts'

const programs: Readonly<Record<Load['protocol'], string>> = {
  'http/1.1': fileURLToPath(new URL('./server.ts', import.meta.url)),
  'http/2': fileURLToPath(new URL('./server.ts', import.meta.url)),
  grpc: fileURLToPath(new URL('./grpc-server.ts', import.meta.url)),
  events: fileURLToPath(new URL('./event-server.ts', import.meta.url)),
  websocket: fileURLToPath(new URL('./echo-server.ts', import.meta.url)),
}

/** The server behind all candidates of one scenario. */
export interface Upstream {
  readonly port: number
  /** What it is, for the report. */
  readonly name: string
  readonly child: Child
}

/**
 * Starts nginx if there is one, else our own server. Uploads always go to our own: nginx would
 * answer before it has the body, and cannot compare it. It can neither send events nor echoes.
 */
export async function startUpstream(
  workbench: Workbench,
  load: Load,
  nginx: string | undefined,
): Promise<Upstream> {
  const [port = 0] = await findFreePorts(1)
  const own = nginx === undefined || load.uploadBytes > 0 || load.protocol === 'events'
  const command = own
    ? { file: process.execPath, args: [programs[load.protocol], String(port)] }
    : await nginxCommand(workbench, nginx, port, load)
  const child = await workbench.start(command)
  await waitUntilListening(child, port)
  return { port, name: own ? 'own server' : 'nginx', child }
}

async function nginxCommand(
  { folder }: Workbench,
  file: string,
  port: number,
  { downloadBytes }: Load,
): Promise<Command> {
  const home = join(folder, 'upstream')
  await mkdir(join(home, 'payload'), { recursive: true })
  const payload = createPayload(downloadBytes)
  const bulky = downloadBytes > bulkBytes
  if (bulky) await writeFile(join(home, 'payload', String(downloadBytes)), payload)
  const location = bulky
    ? `root ${home};`
    : `default_type text/plain;\n      return 200 "${payload.toString('latin1')}";`
  await writeFile(join(home, 'nginx.conf'), renderUpstreamConfiguration(home, port, location))
  return { file, args: ['-p', home, '-c', join(home, 'nginx.conf')] }
}

function renderUpstreamConfiguration(home: string, port: number, location: string): string {
  return `${nginxFolders(home).main}
events { worker_connections 16384; }
http {
  ${nginxFolders(home).http}
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=16;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  server {
    listen ${loopback}:${port} backlog=1024;
    location / {
      ${location}
    }
  }
}
`
}
