import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { isGatewayError, problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { Answer, Asked, Identity, Running } from './messages.ts'
import { isOwnFolder, runtimeFolders } from './runtime-folders.ts'

const answerTimeoutMs: Readonly<Record<Asked, number>> = { who: 2000, what: 30_000 }

interface Found extends Identity {
  readonly socket: string
}

/** What to look for. */
export interface Wanted {
  /** The process id, if the user gave one. */
  readonly pid?: number
  /** Of several, the one that runs this file. */
  readonly file: string
}

/**
 * Asks the running gateway that is meant. Throws GW_CLI_NOT_RUNNING, GW_CLI_WHICH_GATEWAY and
 * GW_CLI_NO_ANSWER.
 */
export async function askRunning(
  wanted: Wanted,
): Promise<Identity & { readonly running: Running }> {
  const { socket, pid } = choose(await findAll(), wanted)
  try {
    const answer = await ask(socket, 'what')
    const { running, problem = 'it is of another version' } = answer
    if (running === undefined) throw errors.GW_CLI_NO_ANSWER({ pid, problem })
    return { ...answer, running }
  } catch (error) {
    if (isGatewayError(error)) throw error
    throw errors.GW_CLI_NO_ANSWER({ pid, problem: problemOf(error) }, { cause: error })
  }
}

function choose(all: readonly Found[], { pid, file }: Wanted): Found {
  const found = pid === undefined ? all : all.filter((one) => one.pid === pid)
  const sameFile = found.filter((one) => one.file === resolve(file))
  const [only, ...others] = sameFile.length > 0 ? sameFile : found
  if (only === undefined) throw errors.GW_CLI_NOT_RUNNING({ pid, looked: runtimeFolders() })
  if (others.length === 0) return only
  const named = [only, ...others].map((one) => `${one.pid} with ${one.file ?? 'no file'}`)
  throw errors.GW_CLI_WHICH_GATEWAY({ found: named })
}

async function findAll(): Promise<Found[]> {
  const found = await Promise.all(runtimeFolders().map(findIn))
  return found.flat()
}

async function findIn(folder: string): Promise<Found[]> {
  if (!(await isOwnFolder(folder))) return []
  const names = await readdir(folder)
  const sockets = names.filter((name) => name.endsWith('.sock')).map((name) => join(folder, name))
  const found = await Promise.all(sockets.map(findAt))
  return found.flat()
}

async function findAt(socket: string): Promise<Found[]> {
  const pid = Number.parseInt(basename(socket), 10)
  try {
    return [{ ...(await ask(socket, 'who')), socket }]
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
    // Its gateway had no time to remove it.
    if (refused && !isAlive(pid)) await rm(socket, { force: true })
    return []
  }
}

async function ask(path: string, asked: Asked): Promise<Answer> {
  const signal = AbortSignal.timeout(answerTimeoutMs[asked])
  const socket = connect(path)
  const giveUp = (): void => void socket.destroy(new Error('it did not answer in time'))
  signal.addEventListener('abort', giveUp)
  try {
    await once(socket, 'connect')
    socket.write(`${asked}\n`)
    // Written by a gateway of the same user.
    return JSON.parse(await text(socket)) as Answer
  } finally {
    signal.removeEventListener('abort', giveUp)
    socket.destroy()
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // There is none, or it is of another user.
    return false
  }
}
