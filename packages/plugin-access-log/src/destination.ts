import type { Scope } from '@gatewright/kernel'
import { pino } from 'pino'

type Stream = ReturnType<typeof pino.destination>

const descriptors: Readonly<Record<string, number>> = { stdout: 1, stderr: 2 }
/** Of what is gathered. To write a piece costs more than to gather many lines. */
const filePieceBytes = 64 * 1024
/** A pipe takes so much at once without mixing it with what others write. */
const pipePieceBytes = 4096
/** What is written now and then is not to wait for company. */
const gatherMs = 1000
/** How often it is told that something is wrong. */
const remindMs = 10_000
/** A character takes up to so many bytes. */
const characterBytes = 3

/**
 * Where the lines go. They are gathered and written together, and nobody waits for that: what does
 * not fit into the buffer is dropped.
 */
export class Destination implements Disposable {
  /** Lines that were dropped. */
  dropped = 0
  readonly #output: string
  readonly #bufferBytes: number
  readonly #pieceBytes: number
  readonly #log: Scope['log']
  readonly #onReopen = (): void => this.reopen()
  readonly #onExit = (): void => {
    this.flush()
    if (this.#state === 'open') this.#stream?.flushSync()
  }
  #stream: Stream | undefined = undefined
  #timer: NodeJS.Timeout | undefined = undefined
  /** Room for lines. What was handed over of it stays as it is. */
  #room: Buffer = Buffer.alloc(0)
  /** Where in it the gathered lines begin and end, and how many they are. */
  #start = 0
  #end = 0
  #lines = 0
  /** How many lines the piece has that is handed over. */
  #handed = 0
  /** `lost` if there is no file, and could be none. */
  #state: 'opening' | 'open' | 'lost' = 'opening'
  /** Lines that were handed over since it was last opened. */
  #uncertain = 0
  readonly #tries = new Reminder()
  readonly #drops = new Reminder()
  readonly #failures = new Reminder()

  /** @param output `stdout`, `stderr` or an absolute path. */
  constructor(output: string, bufferBytes: number, log: Scope['log']) {
    this.#output = output
    this.#bufferBytes = bufferBytes
    this.#log = log
    const usual = this.#isFile ? filePieceBytes : pipePieceBytes
    // What is handed over is taken or dropped as a whole.
    this.#pieceBytes = Math.min(usual, Math.ceil(bufferBytes / 4))
  }

  /** To be called once a configuration that has it is active; again without effect. */
  open(): void {
    if (this.#stream !== undefined) return
    this.#stream = this.#connect()
    this.#timer = setInterval(() => this.flush(), gatherMs).unref()
    process.on('exit', this.#onExit)
    if (this.#isFile) process.on('SIGUSR1', this.#onReopen)
  }

  write(line: string): void {
    if (this.#stream === undefined) return
    const most = line.length * characterBytes
    if (most > this.#room.length - this.#end) this.#makeRoom(most)
    const before = this.#end
    this.#end += this.#room.write(line, before)
    this.#lines++
    const gathered = this.#end - this.#start
    if (gathered < this.#pieceBytes) return
    // Whole lines, and no more than a piece, unless a line is longer than that.
    if (gathered > this.#pieceBytes && before > this.#start) this.#hand(before, this.#lines - 1)
    if (this.#end - this.#start >= this.#pieceBytes) this.flush()
  }

  /** Opens its file again, whatever has become of the old one. */
  reopen(): void {
    if (this.#stream === undefined || !this.#isFile) return
    if (this.#state === 'lost') this.#stream = this.#connect()
    else this.#stream.reopen()
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#lines > 0) this.#hand(this.#end, this.#lines)
  }

  [Symbol.dispose](): void {
    process.off('SIGUSR1', this.#onReopen)
    process.off('exit', this.#onExit)
    clearInterval(this.#timer)
    this.flush()
    const stream = this.#stream
    this.#stream = undefined
    // Standard streams belong to the process.
    if (this.#isFile) stream?.end()
  }

  get #isFile(): boolean {
    return descriptors[this.#output] === undefined
  }

  #connect(): Stream {
    const output = this.#output
    const stream = pino.destination({
      dest: descriptors[output] ?? output,
      sync: false,
      mkdir: true,
      append: true,
      contentMode: 'buffer',
      maxWrite: this.#pieceBytes,
      maxLength: this.#bufferBytes,
    })
    this.#state = 'opening'
    this.#uncertain = 0
    this.#tries.postpone()
    stream.on('ready', () => {
      this.#state = 'open'
    })
    stream.on('drop', () => this.#drop())
    stream.on('error', (error: unknown) => {
      // One that never stood takes nothing more, and throws instead.
      if (this.#state === 'opening') this.#lose()
      if (!this.#failures.isDue) return
      this.#log.error({ err: error, output }, 'the access log cannot be written')
    })
    return stream
  }

  #lose(): void {
    this.#state = 'lost'
    this.dropped += this.#uncertain
  }

  #makeRoom(bytes: number): void {
    this.flush()
    this.#room = Buffer.allocUnsafeSlow(Math.max(filePieceBytes, bytes))
    this.#start = 0
    this.#end = 0
  }

  /** Hands the first of the gathered lines over to be written. */
  #hand(end: number, lines: number): void {
    const piece = this.#room.subarray(this.#start, end)
    this.#start = end
    this.#lines -= lines
    if (this.#state === 'lost' && this.#tries.isDue) this.#stream = this.#connect()
    if (this.#state === 'lost') {
      this.dropped += lines
      return
    }
    this.#handed = lines
    this.#uncertain += lines
    // Its types know of strings only; with this content mode it takes buffers.
    this.#stream?.write(piece as unknown as string)
  }

  #drop(): void {
    this.#uncertain -= this.#handed
    this.dropped += this.#handed
    if (!this.#drops.isDue) return
    this.#log.warn(
      { dropped: this.dropped },
      'the access log is written too slowly; lines are dropped and counted',
    )
  }
}

/** Has what happens again and again told of now and then. */
class Reminder {
  #toldAt = Number.NEGATIVE_INFINITY

  /** Whether it is to be told now; whoever asks does so. */
  get isDue(): boolean {
    if (performance.now() - this.#toldAt < remindMs) return false
    this.postpone()
    return true
  }

  /** Not again for a while. */
  postpone(): void {
    this.#toldAt = performance.now()
  }
}
