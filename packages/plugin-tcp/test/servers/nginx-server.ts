import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const tries = 5

/** A real nginx of a test's own. */
export interface NginxServer extends AsyncDisposable {
  /** Its port with TLS. It says which server name it was asked for. */
  readonly secure: string
  /** Its port in cleartext, which wants a PROXY header. It says who the client is. */
  readonly plain: string
}

/**
 * Starts an nginx that ends with the test.
 * @param certs Folder with `nginx.crt` and `nginx.key`.
 */
export async function startNginx(certs: string): Promise<NginxServer> {
  for (let left = tries; left > 0; left--) {
    const [secure, plain] = [await unusedPort(), await unusedPort()]
    const folder = await mkdtemp(join(tmpdir(), 'gatewright-nginx-'))
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, certs, secure, plain))
    const child = await tryStart(folder)
    const stop = async (): Promise<void> => {
      if (child !== undefined && child.exitCode === null) {
        const closed = once(child, 'close')
        child.kill('SIGTERM')
        await closed
      }
      await rm(folder, { recursive: true, force: true })
    }
    if (child !== undefined) {
      return {
        secure: `tcp://127.0.0.1:${secure}`,
        plain: `tcp://127.0.0.1:${plain}`,
        [Symbol.asyncDispose]: stop,
      }
    }
    // Somebody else may have taken a port.
    await stop()
  }
  throw new Error(`nginx did not start in ${tries} tries`)
}

function configuration(folder: string, certs: string, secure: number, plain: number): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off;
    worker_processes 1;
    pid ${folder}/pid;
    error_log stderr notice;
    events {}
    http {
      access_log off;
      ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      server {
        listen 127.0.0.1:${secure} ssl;
        ssl_certificate ${certs}/nginx.crt;
        ssl_certificate_key ${certs}/nginx.key;
        location / { return 200 "nginx for $ssl_server_name"; }
      }
      server {
        listen 127.0.0.1:${plain} proxy_protocol;
        location / { return 200 "nginx for $proxy_protocol_addr"; }
      }
    }
  `
}

async function tryStart(folder: string): Promise<ChildProcess | undefined> {
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]
  const child = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  // Rejects if there is no such program.
  await once(child, 'spawn')
  for await (const line of createInterface({ input: child.stderr })) {
    if (!line.includes('start worker process ')) continue
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
