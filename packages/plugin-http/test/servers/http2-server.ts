import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'

const tries = 5

/** A server of others that speaks HTTP/2 in cleartext. */
export interface Http2Server extends AsyncDisposable {
  readonly url: string
  /** What it serves as `/file`. */
  readonly file: Buffer
}

/** Starts nghttpd with further arguments. */
export function startNghttpd(...args: string[]): Promise<Http2Server> {
  return start(async (folder, port) => {
    const fixed = ['--no-tls', '--address=127.0.0.1', `--htdocs=${folder}`]
    return spawn('nghttpd', [...fixed, ...args, String(port)], { stdio: 'ignore' })
  })
}

/** Starts nginx with further directives. */
export function startNginx(directives: string = ''): Promise<Http2Server> {
  return start(async (folder, port) => {
    const file = join(folder, 'nginx.conf')
    await writeFile(file, nginxConfiguration(folder, port, directives))
    return spawn('nginx', ['-p', folder, '-c', file, '-e', 'stderr'], { stdio: 'ignore' })
  })
}

async function start(
  run: (folder: string, port: number) => Promise<ChildProcess>,
): Promise<Http2Server> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-http2-'))
  const file = Buffer.alloc(32 * 2 ** 20, 'what this server has ')
  await writeFile(join(folder, 'file'), file)
  for (let left = tries; left > 0; left--) {
    const port = await unusedPort()
    const child = await run(folder, port)
    // Rejects if there is no such program.
    await once(child, 'spawn')
    const stop = async (): Promise<void> => {
      const closed = child.exitCode === null ? once(child, 'close') : undefined
      child.kill('SIGKILL')
      await closed
    }
    if (await listens(child, port)) {
      const dispose = async (): Promise<void> => {
        await stop()
        await rm(folder, { recursive: true, force: true })
      }
      return { url: `h2c://127.0.0.1:${port}`, file, [Symbol.asyncDispose]: dispose }
    }
    // Somebody else may have taken the port.
    await stop()
  }
  throw new Error(`it did not start in ${tries} tries`)
}

/** Waits until it takes connections, or ends. */
async function listens(child: ChildProcess, port: number): Promise<boolean> {
  const attempt = async (): Promise<boolean> => {
    if (child.exitCode !== null) return false
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } finally {
      socket.destroy()
    }
  }
  return await vi.waitFor(attempt, { timeout: 10_000 })
}

function nginxConfiguration(folder: string, port: number, directives: string): string {
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
  client_max_body_size 100m;
  ${directives}
  ${temporary}
  server {
    listen 127.0.0.1:${port} http2;
    location = /file { root ${folder}; }
    location = /facts { return 200 "$request_method $server_protocol $http_host $http_x_own"; }
    location = /requests { return 200 "$connection_requests"; }
  }
}
`
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
