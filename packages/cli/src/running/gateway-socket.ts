/**
 * Where a running gateway tells other commands of the same user what it runs: a socket with the
 * process id in its name. Nothing is written to a file, so no secret is left anywhere.
 *
 * @module
 */
import { once } from 'node:events'
import { chmod, mkdir, rm, rmdir } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { problemOf } from '@gatewright/kernel'
import type { Logger } from 'pino'
import type { ConfigFile } from '../config-file.ts'
import type { Answer, Identity, Running } from './messages.ts'
import { isOwnFolder, runtimeFolders } from './runtime-folders.ts'
import type { TopicReply } from './topics.ts'

const longestQuestion = 65_536
const questionTimeoutMs = 10_000

/** How many were opened in this process. */
let count = 0

/** Who knows what is asked. */
export interface Answerer {
  describe(): Promise<Running>
  /** Never rejects. */
  about(asked: unknown): Promise<TopicReply>
}

/** Answers on behalf of the gateway of a file. It runs without as well, so a failure is only logged. */
export async function openSocket(
  file: ConfigFile,
  log: Logger,
  answerer: Answerer,
): Promise<GatewaySocket> {
  const identity = { pid: process.pid, ...(file.exists() && { file: resolve(file.path) }) }
  const socket = new GatewaySocket(identity, answerer)
  await socket.open(log)
  return socket
}

/** The socket of one gateway, if it could be opened. */
export class GatewaySocket {
  readonly #identity: Identity
  readonly #answerer: Answerer
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => this.#serve(socket))
  #path: string | undefined = undefined

  constructor(identity: Identity, answerer: Answerer) {
    this.#identity = identity
    this.#answerer = answerer
    this.#server.maxConnections = 8
    this.#server.unref()
  }

  async open(log: Logger): Promise<void> {
    const [folder] = runtimeFolders()
    if (folder === undefined) return
    const path = join(
      folder,
      count++ === 0 ? `${process.pid}.sock` : `${process.pid}-${count}.sock`,
    )
    try {
      // Another gateway that ends may remove the folder in between.
      await this.#listen(folder, path).catch(() => this.#listen(folder, path))
      this.#path = path
    } catch (error) {
      log.debug({ folder, problem: problemOf(error) }, 'other commands cannot ask what runs here')
    }
    // What goes wrong with it later concerns nobody but those who ask.
    this.#server.on('error', (error) =>
      log.debug({ err: error }, 'the socket for questions failed'),
    )
  }

  /** Removes its file, and the folder if nobody else uses it and nobody has asked for it. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#path === undefined) return
    const closed = once(this.#server, 'close')
    // Removes the file, too.
    this.#server.close()
    await closed
    if (process.env['GATEWRIGHT_RUNTIME_DIR'] !== undefined) return
    await rmdir(dirname(this.#path)).catch(() => undefined)
  }

  async #listen(folder: string, path: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (!(await isOwnFolder(folder))) throw new Error('others can write to the folder')
    // That of an earlier process with the same id.
    await rm(path, { force: true })
    this.#server.listen(path)
    await once(this.#server, 'listening')
    await chmod(path, 0o600)
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let question = ''
    socket
      .setEncoding('utf8')
      .setTimeout(questionTimeoutMs, () => socket.destroy())
      .on('close', () => this.#sockets.delete(socket))
      .on('error', () => socket.destroy())
      .on('data', (text: string) => {
        question += text
        if (question.length > longestQuestion) socket.destroy()
        else if (question.endsWith('\n')) void this.#answer(question.trim(), socket)
      })
  }

  async #answer(question: string, socket: Socket): Promise<void> {
    // From now on it is the other side that waits.
    socket.setTimeout(0)
    const answer = await this.#answerTo(question)
    socket.end(JSON.stringify({ ...this.#identity, ...answer }))
  }

  async #answerTo(question: string): Promise<Omit<Answer, keyof Identity>> {
    if (question === 'what') return await this.#answerer.describe().then(running, problem)
    if (!question.startsWith('{')) return {}
    try {
      return { reply: await this.#answerer.about(JSON.parse(question)) }
    } catch (error) {
      return problem(error)
    }
  }
}

function running(described: Running): Pick<Answer, 'running'> {
  return { running: described }
}

function problem(error: unknown): Pick<Answer, 'problem'> {
  return { problem: problemOf(error) }
}
