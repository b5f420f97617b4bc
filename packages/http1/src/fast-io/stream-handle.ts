/**
 * What the fast wires use of Node beyond its documented API: the handle below a socket. All of it
 * is in this file, and `self-test.ts` tries all of it before anything depends on it.
 *
 * @module
 */
import type { Server, Socket } from 'node:net'

/** Carries a write that the system did not take at once. */
export interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void
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
export const streams: StreamBinding | undefined = access.streams

/** Why there is none. */
export const accessProblem: string | undefined = access.problem

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

function isStreamBinding(value: unknown): value is StreamBinding {
  const binding = value as Partial<StreamBinding>
  return (
    typeof binding.WriteWrap === 'function' &&
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

function isListenHandle(value: unknown): value is ListenHandle {
  if (typeof value !== 'object' || value === null) return false
  return typeof Reflect.get(value, 'onconnection') === 'function'
}

function ignore(): void {
  // The connection is closed in its own time.
}
