import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startLogin, startShop } from './servers.ts'

const configuration = fileURLToPath(new URL('gateway.hcl', import.meta.url))
const command = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const run = promisify(execFile)
/** Stands behind each response in what curl prints. */
const mark = '\u001E'

/** The gateway of the example with all that it needs, on ports that the system chose. */
export interface Example extends AsyncDisposable {
  readonly url: string
  /** What tells curl to send a good token. */
  readonly signedIn: readonly string[]
  /** What curl gets; a path may stand for several. */
  curl(path: string, ...args: readonly string[]): Promise<Answer[]>
}

/** Starts it. */
export async function startExample(): Promise<Example> {
  await using starting = new AsyncDisposableStack()
  const sockets = await mkdtemp(join(tmpdir(), 'gatewright-example-'))
  starting.defer(() => rm(sockets, { recursive: true }))
  const redis = startRedis(sockets)
  starting.defer(() => end(redis.child))
  await redis.ready
  const login = starting.use(await startLogin(0))
  const a = starting.use(await startShop('A', 0))
  const b = starting.use(await startShop('B', 0))
  const account = starting.use(await startShop('account', 0))
  const admin = starting.use(await startShop('admin', 0))
  const child = start({
    REDIS_URL: redis.url,
    JWKS_URL: `${login.url}/jwks.json`,
    LOGIN_URL: `${login.url}/verify`,
    SHOP_A: a.url,
    SHOP_B: b.url,
    ACCOUNT: account.url,
    ADMIN: admin.url,
  })
  starting.defer(() => end(child))
  const url = `http://${await listening(child)}`
  const { stdout: token } = await run('curl', ['--silent', `${login.url}/token`])
  const resources = starting.move()
  return {
    url,
    signedIn: ['--header', `Authorization: Bearer ${token}`],
    curl: (path, ...args) => curl(url + path, args),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function curl(url: string, args: readonly string[]): Promise<Answer[]> {
  const fixed = ['--silent', '--show-error', '--include', '--max-time', '20', '--write-out', mark]
  const { stdout } = await run('curl', [...fixed, ...args, url], { maxBuffer: 2 ** 24 })
  return stdout.split(mark).slice(0, -1).map(readAnswer)
}

/** A response. */
export interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

function readAnswer(text: string): Answer {
  const headEnd = text.indexOf('\r\n\r\n')
  const head = text.slice(0, headEnd).replaceAll('\r', '')
  return { status: Number(head.split(' ')[1]), head, body: text.slice(headEnd + 4) }
}

function start(env: Readonly<Record<string, string>>): ChildProcess {
  const args = [command, '--json', '--config', configuration, '--listen', '127.0.0.1:0']
  return spawn(process.execPath, args, {
    // Not the folder of the configuration: files that it names stand beside it all the same.
    cwd: tmpdir(),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
}

interface Redis {
  readonly child: ChildProcess
  readonly url: string
  readonly ready: Promise<void>
}

function startRedis(sockets: string): Redis {
  const path = join(sockets, 'redis.sock')
  const options = ['--port', '0', '--unixsocket', path, '--save', '', '--dir', sockets]
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, url: `unix://${path}`, ready: redisReady(child) }
}

async function redisReady(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('there is no output')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('eady to accept connections')) continue
    child.stdout.resume()
    return
  }
  throw new Error('redis-server ended')
}

/** Where it says that it listens, once it is ready. */
async function listening(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('there is no output')
  let address = ''
  for await (const line of createInterface({ input: child.stdout })) {
    address = /"msg":"listening"/.test(line) ? readAddress(line) : address
    if (/"msg":"ready"/.test(line)) break
  }
  if (address === '') throw new Error('the gateway ended')
  child.stdout.resume()
  return address
}

function readAddress(line: string): string {
  // The line says that it has one.
  return (JSON.parse(line) as { readonly address: string }).address
}
