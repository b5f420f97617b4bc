import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { CheckFailed, type RunOptions } from './command.ts'

/** A program that has started a gateway. Disposing of it ends it, and all that it has started. */
export interface GatewayProcess extends AsyncDisposable {
  /** Where the first entrypoint listens, without a path. */
  readonly url: string
  readonly output: () => string
}

/**
 * Runs a program until the gateway that it starts is ready.
 *
 * @throws CheckFailed with what it printed, if it ends or is not ready in time
 */
export async function startGateway(
  command: string,
  args: readonly string[],
  { cwd, env }: RunOptions,
): Promise<GatewayProcess> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that all of what it starts can be ended.
    detached: true,
  })
  const closed = once(child, 'close')
  const lines: string[] = []
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await closed
  }
  const deadline = setTimeout(() => void end(), 60_000)
  child.stderr.on('data', (data) => lines.push(String(data)))
  let address: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    address ??= /"address":"([^"]+)"/.exec(line)?.[1]
    if (line.includes('"msg":"ready"')) break
  }
  clearTimeout(deadline)
  child.stdout.resume()
  const output = (): string => `${lines.join('\n')}\n`
  if (address !== undefined) return { url: `http://${address}`, output, [Symbol.asyncDispose]: end }
  await end()
  throw new CheckFailed(`${[command, ...args].join(' ')} in ${cwd} started no gateway`, output())
}

/** A port where nothing listens, for programs that have to be told one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
