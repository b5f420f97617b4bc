import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestCertificate } from '@gatewright/testing'

const tries = 5

/** A real nginx with TLS of a test's own. */
export interface NginxServer extends AsyncDisposable {
  readonly port: number
  /** What it serves as `/file`. */
  readonly file: Buffer
}

/** How it is set up. */
export interface NginxSetup {
  readonly certificate: TestCertificate
  /** Whose client certificates are accepted. */
  readonly ca: TestCertificate
  readonly http2?: boolean
  readonly clientCertificates?: 'on' | 'optional'
  /** Connections begin with a PROXY header. */
  readonly proxied?: boolean
}

const facts =
  '$server_protocol|$ssl_server_name|$ssl_client_s_dn|$ssl_session_reused|$connection_requests|$proxy_protocol_addr'

/** What an nginx knows about a request. */
export interface Facts {
  /** With its version. */
  readonly protocol: string | undefined
  readonly serverName: string | undefined
  /** Of its certificate. */
  readonly client: string | undefined
  /** `r` if it was resumed. */
  readonly session: string | undefined
  /** On this connection. */
  readonly requests: number
  /** The address in the PROXY header. */
  readonly proxied: string | undefined
}

/** What it has answered to `/`. */
export function factsOf(text: string): Facts {
  const [protocol, serverName, client, session, requests, proxied] = text.split('|')
  return { protocol, serverName, client, session, requests: Number(requests), proxied }
}

/** Starts an nginx that ends with the test. */
export async function startNginx(setup: NginxSetup): Promise<NginxServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-nginx-'))
  const file = Buffer.alloc(32 * 2 ** 20, 'what nginx serves ')
  const { certificate, ca } = setup
  await Promise.all([
    writeFile(join(folder, 'file'), file),
    writeFile(join(folder, 'server.crt'), certificate.cert),
    writeFile(join(folder, 'server.key'), certificate.key),
    writeFile(join(folder, 'ca.crt'), ca.cert),
  ])
  for (let left = tries; left > 0; left--) {
    const port = await unusedPort()
    await writeFile(join(folder, 'nginx.conf'), configurationOf(setup, folder, port))
    const child = await tryStart(folder)
    // Somebody else may have taken the port.
    if (child === undefined) continue
    const stop = async (): Promise<void> => {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
      await rm(folder, { recursive: true, force: true })
    }
    return { port, file, [Symbol.asyncDispose]: stop }
  }
  throw new Error(`nginx did not start in ${tries} tries`)
}

function configurationOf(setup: NginxSetup, folder: string, port: number): string {
  const { http2 = false, clientCertificates = 'optional', proxied = false } = setup
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((what) => `${what}_temp_path ${folder}/${what};`)
    .join('\n  ')
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  keepalive_requests 100000;
  client_max_body_size 100m;
  ${temporary}
  server {
    listen 127.0.0.1:${port} ssl${http2 ? ' http2' : ''}${proxied ? ' proxy_protocol' : ''};
    ssl_certificate ${folder}/server.crt;
    ssl_certificate_key ${folder}/server.key;
    ssl_client_certificate ${folder}/ca.crt;
    ssl_verify_client ${clientCertificates};
    location = / { return 200 "${facts}"; }
    location = /file { root ${folder}; }
  }
}
`
}

async function tryStart(folder: string): Promise<ChildProcess | undefined> {
  const options = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
  const child = spawn('nginx', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  // Rejects if there is no such program.
  await once(child, 'spawn')
  for await (const line of createInterface({ input: child.stderr })) {
    // It listens before it says how it waits for events.
    if (!line.includes('event method')) continue
    child.stderr.resume()
    return child
  }
  return undefined
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
