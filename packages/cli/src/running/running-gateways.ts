import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { isGatewayError, problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { Answer, Asked, Identity, Running } from './messages.ts'
import { isOwnFolder, runtimeFolders } from './runtime-folders.ts'
import type { TopicQuestion, Topics, Unanswered } from './topics.ts'

const identityTimeoutMs = 2000
const answerTimeoutMs = 30_000

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
  const found = choose(await findAll(), wanted)
  const answer = await askFor(found, 'what')
  const { running, problem = 'it is of another version' } = answer
  if (running === undefined) throw errors.GW_CLI_NO_ANSWER({ pid: found.pid, problem })
  return { ...answer, running }
}

/** A running gateway that was found. */
export class RunningGateway implements Identity {
  readonly pid: number
  readonly file?: string
  readonly #found: Found

  constructor(found: Found) {
    this.pid = found.pid
    if (found.file !== undefined) this.file = found.file
    this.#found = found
  }

  /**
   * Throws GW_CLI_NO_ANSWER, and GW_QUESTION_REFUSED or GW_CLI_UNANSWERED with what the gateway has
   * against the question, or why it cannot answer.
   */
  async ask<T extends keyof Topics>(
    topic: T,
    question: Topics[T]['question'],
  ): Promise<Topics[T]['answer']> {
    const asked: TopicQuestion<T> = { topic, question }
    const { reply, problem = 'it is of another version' } = await askFor(this.#found, asked)
    if (reply === undefined) throw errors.GW_CLI_NO_ANSWER({ pid: this.pid, problem })
    if ('unanswered' in reply) throw refusalOf(reply.unanswered)
    // Gateways answer what belongs to the topic.
    return reply.answer as Topics[T]['answer']
  }
}

/** The running gateway that is meant. Throws GW_CLI_NOT_RUNNING and GW_CLI_WHICH_GATEWAY. */
export async function findRunning(wanted: Wanted): Promise<RunningGateway> {
  return new RunningGateway(choose(await findAll(), wanted))
}

async function askFor({ socket, pid }: Found, asked: Asked): Promise<Answer> {
  try {
    return await ask(socket, asked)
  } catch (error) {
    if (isGatewayError(error)) throw error
    const problem = isGone(error) ? 'it has ended' : problemOf(error)
    throw errors.GW_CLI_NO_ANSWER({ pid, problem }, { cause: error })
  }
}

/** True if nobody listens there any more. */
function isGone(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
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
  const signal = AbortSignal.timeout(asked === 'who' ? identityTimeoutMs : answerTimeoutMs)
  const socket = connect(path)
  const giveUp = (): void => void socket.destroy(new Error('it did not answer in time'))
  signal.addEventListener('abort', giveUp)
  try {
    await once(socket, 'connect')
    socket.write(`${typeof asked === 'string' ? asked : JSON.stringify(asked)}\n`)
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

function refusalOf(unanswered: Unanswered): Error {
  const isQuestion = unanswered.code.startsWith('GW_QUESTION_')
  return (isQuestion ? errors.GW_QUESTION_REFUSED : errors.GW_CLI_UNANSWERED)(unanswered)
}
