/**
 * What a server in memory does, as a test writes it.
 *
 * @module
 */
import { inspect } from 'node:util'
import {
  type Body,
  type BodySource,
  ContextKey,
  type GatewayError,
  GatewayResponse,
  isGatewayError,
  errors as kernelErrors,
  problemOf,
} from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { type FieldsInit, withJsonType } from '../wire/fields.ts'
import { headerListOf } from './header-list.ts'
import type { MemoryRequest } from './memory-message.ts'

/** A response as a test writes it. */
export interface MemoryReply {
  /** Default 200. */
  readonly status?: number
  readonly headers?: FieldsInit
  /** Text and bytes get a `content-length` unless one is given. */
  readonly body?: Body | BodySource
  /** In place of `body`; adds the content type. */
  readonly json?: unknown
  readonly trailers?: FieldsInit
}

/** A failed attempt. */
export interface MemoryFailure {
  readonly error: Error
}

/**
 * What the upstream does with one attempt: a status, a response, a failure, or a function that
 * decides once the request body is there, and may wait. Any `Error` is the failure of an attempt to
 * connect, GW_UPSTREAM_CONNECT, unless it is one of the gateway. A retryable failure leaves the body
 * alone, since it means that nothing was sent.
 */
export type Outcome =
  | number
  | MemoryReply
  | MemoryFailure
  | GatewayResponse
  | Error
  | ((request: MemoryRequest) => Outcome | PromiseLike<Outcome>)

/** One outcome for all attempts, or one after the other, of which the last repeats. */
export type Script = Outcome | readonly Outcome[]

/** The outcomes of one request, which go before those of the upstream. */
export const ownScript: ContextKey<ScriptRun> = new ContextKey('testing.script')

/** A script and how far it has come. */
export class ScriptRun {
  readonly #script: Script
  #step = 0

  /** Throws GW_TESTING_SCRIPT. */
  constructor(script: Script) {
    for (const outcome of isList(script) ? script : [script]) checkOutcome(outcome)
    this.#script = script
  }

  next(): Outcome {
    const script = this.#script
    if (!isList(script)) return script
    return script[Math.min(this.#step++, script.length - 1)] ?? 200
  }
}

/** A response of the upstream. */
export function responseOf(reply: MemoryReply): GatewayResponse {
  const { status = 200, headers = {}, json, trailers } = reply
  const body = json === undefined ? (reply.body ?? null) : JSON.stringify(json)
  return new GatewayResponse({
    status,
    headers: headerListOf(json === undefined ? headers : withJsonType(headers), body),
    body,
    ...(trailers !== undefined && { trailers: Promise.resolve(headerListOf(trailers, null)) }),
  })
}

/** Throws GW_TESTING_SCRIPT for what is none, such as a misspelt key, which would answer 200. */
export function checkOutcome(outcome: unknown): void {
  if (typeof outcome === 'function' || isFailure(outcome)) return
  if (outcome instanceof GatewayResponse) return
  if (typeof outcome === 'number') {
    if (Number.isInteger(outcome) && outcome >= 100 && outcome <= 599) return
  } else if (isPlain(outcome) && Object.keys(outcome).every((key) => replyKeys.has(key))) return
  throw errors.GW_TESTING_SCRIPT({ found: inspect(outcome, { depth: 1, breakLength: Infinity }) })
}

/** The failure that an outcome is, as a transport rejects with it; `undefined` for a response. */
export function failureOf(outcome: Outcome, endpoint: string): GatewayError | undefined {
  if (!isFailure(outcome)) return undefined
  const error = outcome instanceof Error ? outcome : outcome.error
  if (isGatewayError(error)) return error
  const params = { endpoint, problem: problemOf(error) }
  return kernelErrors.GW_UPSTREAM_CONNECT(params, { cause: error })
}

const replyKeys: ReadonlySet<string> = new Set(['status', 'headers', 'body', 'json', 'trailers'])

function isFailure(outcome: unknown): outcome is Error | MemoryFailure {
  if (outcome instanceof Error) return true
  return isPlain(outcome) && outcome['error'] instanceof Error && Object.keys(outcome).length === 1
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(script: Script): script is readonly Outcome[] {
  return Array.isArray(script)
}
