/**
 * At which entrypoint a request arrives that nobody sent, and as what.
 *
 * @module
 */
import type { Inspected } from '@gatewright/kernel'
import { type Asked, checkName } from './question.ts'
import { errors } from './question-errors.ts'

/** Where a request arrives. */
export interface Arrival {
  readonly entrypoint: string
  readonly because: string
  /** True for connections and datagrams that are passed on as they are. */
  readonly isStream: boolean
  readonly network: 'tcp' | 'udp'
  /** Whether the gateway ends TLS there; of streams, whether the client speaks it. */
  readonly encrypted: boolean
  readonly serverName: string | undefined
  readonly port: number
  /** What is odd about it. */
  readonly notes: readonly string[]
}

interface Place {
  readonly name: string
  readonly isStream: boolean
  readonly network: 'tcp' | 'udp'
  readonly port: number
  readonly endsTls: boolean
}

/**
 * The entrypoint that was named, or the one that the URL leads to. Throws GW_QUESTION_UNKNOWN,
 * GW_QUESTION_ENTRYPOINT.
 */
export function arrivalOf(inspected: Inspected, asked: Asked, named: string | undefined): Arrival {
  const places = placesOf(inspected)
  if (named !== undefined) {
    const names = places.map(({ name }) => name)
    checkName('entrypoint', named, names)
    const place = places.find(({ name }) => name === named)
    if (place !== undefined) return arrival(place, asked, 'it was asked for')
  }
  const { place, because } = guess(places, asked)
  return arrival(place, asked, because)
}

function placesOf({ understood, snapshot }: Inspected): Place[] {
  return understood.blueprint.entrypoints.map(({ name, factory, address }) => ({
    name,
    isStream: factory.kind === 'stream',
    network: factory.network,
    port: address.port,
    endsTls: snapshot.config.entrypoints[name]?.['tls'] !== undefined,
  }))
}

function guess(places: readonly Place[], asked: Asked): { place: Place; because: string } {
  const { way, port, url } = asked
  const fitting = places.filter((place) => takes(place, asked))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) {
    return { place: only, because: `it is the only one for ${way}` }
  }
  const atPort = fitting.filter((place) => place.port === port)
  const [found] = atPort
  if (found !== undefined && atPort.length === 1) {
    return { place: found, because: `it listens on port ${port}` }
  }
  const secure = fitting.filter(({ endsTls }) => endsTls === asked.encrypted)
  const [alike] = secure
  if (alike !== undefined && secure.length === 1 && asked.encrypted !== undefined) {
    const how = asked.encrypted ? 'with' : 'without'
    return { place: alike, because: `it is the only one for ${way} ${how} TLS` }
  }
  throw errors.GW_QUESTION_ENTRYPOINT({ url, known: fitting.map(({ name }) => name) })
}

function takes({ isStream, network }: Place, { way }: Asked): boolean {
  if (way === 'http') return !isStream
  return isStream && network === way
}

function arrival(place: Place, asked: Asked, because: string): Arrival {
  const { name, isStream, network, port, endsTls } = place
  const { encrypted, host } = asked
  const speaksTls = encrypted ?? endsTls
  return {
    entrypoint: name,
    because,
    isStream,
    network,
    // Whoever is in front of an entrypoint without TLS has ended it.
    encrypted: isStream ? speaksTls : endsTls,
    serverName: speaksTls && (isStream || endsTls) && host !== '' ? serverNameOf(host) : undefined,
    port,
    notes: notesOn(place, asked),
  }
}

function notesOn({ isStream, endsTls, name }: Place, { encrypted, way }: Asked): string[] {
  if (isStream) return way === 'http' ? [`"${name}" passes connections on and reads no HTTP`] : []
  if (endsTls && encrypted === false) {
    return [`"${name}" speaks TLS only, so a client without it gets nowhere`]
  }
  if (!endsTls && encrypted === true) {
    return [`"${name}" speaks no TLS, so something in front of it must`]
  }
  return []
}

/** Addresses are no server names (RFC 6066 section 3). */
function serverNameOf(host: string): string | undefined {
  return /^\[|^[0-9.]+$/.test(host) ? undefined : host
}
