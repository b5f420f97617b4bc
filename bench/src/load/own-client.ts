import { fileURLToPath } from 'node:url'
import type { Workbench } from '../process/workbench.ts'
import { boundMs, type LoadGenerator, type LoadJob, type LoadReport } from './load.ts'

/** A program of ours that takes a job as its only argument and prints a report as JSON. */
class ClientProgram implements LoadGenerator {
  readonly name: string
  readonly version: string = process.version
  readonly #file: string
  readonly #workbench: Workbench

  constructor(name: string, file: string, workbench: Workbench) {
    this.name = name
    this.#file = fileURLToPath(new URL(file, import.meta.url))
    this.#workbench = workbench
  }

  async run(job: LoadJob): Promise<LoadReport> {
    const command = { file: process.execPath, args: [this.#file, JSON.stringify(job)] }
    const { code, stdout, stderr } = await this.#workbench.run(command, boundMs(job))
    if (code !== 0) throw new Error(`the client failed: ${stderr.trim()}`)
    // Written by a program of the same version.
    return JSON.parse(stdout) as LoadReport
  }
}

/**
 * Our own client, in a process of its own: for bodies that are too large for wrk's scripts, and in
 * place of wrk where it is not installed. It costs more than wrk, but that is not what is measured.
 */
export class OwnClient extends ClientProgram {
  constructor(workbench: Workbench) {
    super('own client', './client.ts', workbench)
  }
}

/** The same for HTTP/2. */
export class OwnHttp2Client extends ClientProgram {
  constructor(workbench: Workbench) {
    super('own HTTP/2 client', './http2-client.ts', workbench)
  }
}

/** Sends WebSocket messages and compares their echoes. */
export class EchoClient extends ClientProgram {
  constructor(workbench: Workbench) {
    super('own WebSocket client', './echo-client.ts', workbench)
  }
}

/** Listens to server-sent events. */
export class EventClient extends ClientProgram {
  constructor(workbench: Workbench) {
    super('own event client', './event-client.ts', workbench)
  }
}
