/**
 * What the fast wires use of Node beyond its documented API: the handle below a socket. All of it
 * is in this file, and `self-test.ts` tries all of it before anything depends on it.
 *
 * @module
 */
import type { Server, Socket } from 'node:net'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'

/** Carries a write that the system did not take at once. */
export interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void
  /** Below 0 before and after the write: its half in the system is there as long as that goes on. */
  getAsyncId(): number
}

/** The half of a socket that does the work: a libuv stream. */
export interface StreamHandle {
  /** Called after each read, with the outcome in `streamState`. A buffer it returns is read into next. */
  onread: (this: StreamHandle) => Buffer | undefined
  /** True while it reads, as Node's own code notes it. */
  reading: boolean
  readStart(): number
  readStop(): number
  /** The memory that is read into. Not kept alive by the handle. Once for each handle. */
  useUserBuffer(buffer: Buffer): void
  /** Returns 0 or the negative number of an error; `streamState` says whether it is pending. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
}

/** The handle of a connection with TLS. Takes one write at a time; a second one ends the process. */
export interface TlsHandle extends StreamHandle {
  /** Called when what the peer sent is not TLS. */
  onerror: (this: TlsHandle, error: Error) => void
}

/** The handle of a TCP connection that has no socket. */
export interface TcpHandle extends StreamHandle {
  setNoDelay(on: boolean): number
  setKeepAlive(on: boolean, delaySeconds: number): number
  getpeername(out: object): number
  shutdown(request: ShutdownRequest): number
  close(): void
  /** Closes with a reset; 0 if it could. */
  reset(): number
}

/** Carries the word that no more is sent. */
interface ShutdownRequest {
  oncomplete: (status: number) => void
}

/** The half of a server that listens. */
interface ListenHandle {
  onconnection: (this: ListenHandle, status: number, handle: TcpHandle | undefined) => void
}

/** Outcomes of the last read and write of this thread. */
interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly ShutdownWrap: new () => ShutdownRequest
  readonly streamBaseState: Int32Array
  readonly kReadBytesOrError: number
  readonly kLastWriteWasAsync: number
}

/** All connections are read into it, one after the other; nothing stays in it. */
export const readSlab: Buffer = Buffer.allocUnsafeSlow(64 * 1024)

/** What Node says when the peer sends no more. */
export const endOfFile: number = -4095

/** Whether this Node gives access to its stream handles; else why not. */
type HandleAccess =
  | { readonly streams: StreamBinding; readonly problem?: undefined }
  | { readonly streams?: undefined; readonly problem: string }

/** Asks Node for access. Never throws: a permission model refuses, other versions may not know it. */
function accessHandles(): HandleAccess {
  try {
    const { binding }: { binding?: unknown } = process as { binding?: unknown }
    if (typeof binding !== 'function') return { problem: 'process.binding is missing' }
    const streams: unknown = Reflect.apply(binding, process, ['stream_wrap'])
    return isStreamBinding(streams) ? { streams } : { problem: 'stream_wrap is not as expected' }
  } catch (error) {
    return { problem: `process.binding is refused: ${String(error)}` }
  }
}

const access = accessHandles()

/** The binding; `undefined` if this Node does not give it. */
const streams: StreamBinding | undefined = access.streams

const state = streams?.streamBaseState ?? new Int32Array(0)
const readOutcome = streams?.kReadBytesOrError ?? 0
const wasAsync = streams?.kLastWriteWasAsync ?? 0

/** Why there is no access. */
export const accessProblem: string | undefined = access.problem

/** How many bytes the last read brought; below 0 the number of an error. */
export function lastRead(): number {
  return state[readOutcome] ?? 0
}

/** True if the last write goes on. */
export function lastWriteWaits(): boolean {
  return state[wasAsync] !== 0
}

/** What a handle is given a write with. Throws without the binding. */
export function createWrite(): WriteRequest {
  if (streams === undefined) throw new Error(`no access to stream handles: ${accessProblem}`)
  return new streams.WriteWrap()
}

/** What a handle asks for to end its sending side. Throws without the binding. */
export function createShutdown(): ShutdownRequest {
  if (streams === undefined) throw new Error(`no access to stream handles: ${accessProblem}`)
  const request = new streams.ShutdownWrap()
  request.oncomplete = ignore
  return request
}

/** The handle of a listening server; `undefined` if it has none that can be used. */
export function listenerOf(server: Server): ListenHandle | undefined {
  const { _handle: handle } = server as { _handle?: unknown }
  return isListenHandle(handle) ? handle : undefined
}

/** The handle of a connected socket; `undefined` if it has none that can be used. */
export function handleOf(socket: Socket): StreamHandle | undefined {
  const { _handle: handle } = socket as { _handle?: unknown }
  return isStreamHandle(handle) ? handle : undefined
}

/** The handle of a socket with TLS; `undefined` if it has none that can be used. */
export function tlsHandleOf(socket: Socket): TlsHandle | undefined {
  const handle = handleOf(socket)
  return handle !== undefined && isTlsHandle(handle) ? handle : undefined
}

/** Has the connection below reset when it is closed. Without effect on what cannot be. */
export function resetOnClose(handle: TlsHandle): void {
  const { _parent: lower } = handle as { _parent?: Partial<TcpHandle> }
  if (typeof lower?.reset === 'function') lower.close = lower.reset
}

/** The error of the system that a number stands for. */
export function systemError(status: number, call: string): Error {
  const code = getSystemErrorName(status)
  const error = new Error(`${call} ${code}: ${getSystemErrorMessage(status)}`)
  return Object.assign(error, { code, errno: status, syscall: call })
}

function isStreamBinding(value: unknown): value is StreamBinding {
  const binding = value as Partial<StreamBinding>
  return (
    typeof binding.WriteWrap === 'function' &&
    typeof binding.WriteWrap.prototype.getAsyncId === 'function' &&
    typeof binding.ShutdownWrap === 'function' &&
    binding.streamBaseState instanceof Int32Array &&
    typeof binding.kReadBytesOrError === 'number' &&
    typeof binding.kLastWriteWasAsync === 'number'
  )
}

function isStreamHandle(value: unknown): value is StreamHandle {
  if (typeof value !== 'object' || value === null) return false
  const handle = value as Partial<StreamHandle>
  return ['readStart', 'readStop', 'useUserBuffer', 'writeBuffer'].every(
    (name) => typeof Reflect.get(handle, name) === 'function',
  )
}

function isTlsHandle(handle: StreamHandle): handle is TlsHandle {
  return typeof Reflect.get(handle, 'onerror') === 'function'
}

function isListenHandle(value: unknown): value is ListenHandle {
  if (typeof value !== 'object' || value === null) return false
  return typeof Reflect.get(value, 'onconnection') === 'function'
}

function ignore(): void {
  // The connection is closed in its own time.
}
