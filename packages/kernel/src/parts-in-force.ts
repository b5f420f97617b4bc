/**
 * What the active configuration has of each provider, and what of it was refused.
 *
 * @module
 */
import type { Logger } from 'pino'
import type { ConfigProblem } from './config.ts'
import type { Contributions, Part } from './contributions.ts'
import {
  type ConfigFragment,
  type ConfigInput,
  isDocument,
  type ShadowedName,
} from './merged-config.ts'
import type { ProvidedKind, RefusedPart } from './provider.ts'

const kinds: readonly ProvidedKind[] = ['entrypoints', 'routers', 'middlewares', 'services']
const remedy = 'correct it; the new content is taken as soon as it is seen'

/** Remembers parts from one configuration to the next, and tells of those that are refused. */
export class PartsInForce {
  readonly #log: Logger
  #inputs = new Map<string, Map<string, ConfigInput>>()
  #refused = new Map<string, RefusedPart[]>()
  /** What was said about each of the refused parts: said again only if it is something else. */
  #said = new Map<string, string>()
  #shadows = new Set<string>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** By source. */
  of(provider: string): ReadonlyMap<string, ConfigInput> {
    return this.#inputs.get(provider) ?? new Map()
  }

  /** How much there is of it, by kind. */
  objectsOf(provider: string): Readonly<Record<ProvidedKind, number>> {
    const counts = { entrypoints: 0, routers: 0, middlewares: 0, services: 0 }
    for (const input of this.of(provider).values()) {
      const config = isDocument(input) ? input.config : input
      for (const kind of kinds) counts[kind] += Object.keys(config[kind] ?? {}).length
    }
    return counts
  }

  refusedOf(provider: string): readonly RefusedPart[] {
    return this.#refused.get(provider) ?? []
  }

  /** A sentence for each part that is not in force as it is. */
  warnings(): string[] {
    return [...this.#refused.values()].flat().map(({ source, standIn }) => {
      const fate = standIn === 'nothing' ? 'is left out' : 'keeps its last good content'
      return `${source} is wrong and ${fate}`
    })
  }

  /** Takes what was put in force for what is. */
  record({ parts, shadowed }: Contributions): void {
    this.#inputs = new Map()
    this.#refused = new Map()
    const said = new Map<string, string>()
    for (const part of parts) this.#recordPart(part, said)
    const silent = new Set(parts.flatMap((part) => (part.standsForAll ? part.provider : [])))
    for (const [id, text] of this.#said) {
      if (said.has(id)) continue
      const [provider, source] = JSON.parse(id)
      if (silent.has(provider)) {
        // What it says of the part now is not known.
        said.set(id, text)
        continue
      }
      this.#log.info({ provider, source }, 'a part of the configuration is in order again')
    }
    this.#said = said
    this.#warnOfShadows(shadowed)
  }

  #recordPart(part: Part, said: Map<string, string>): void {
    const { provider, source, problems, standIn } = part
    if (provider === undefined) return
    if (part.takesPart) entryOf(this.#inputs, provider, () => new Map()).set(source, part.input)
    if (problems.length === 0) return
    entryOf(this.#refused, provider, () => []).push({ source, standIn, problems })
    const id = JSON.stringify([provider, source])
    const text = JSON.stringify([standIn, problems])
    said.set(id, text)
    if (this.#said.get(id) !== text) this.#complain(part, provider)
  }

  #complain({ source, problems, standIn }: Part, provider: string): void {
    const message =
      standIn === 'nothing'
        ? 'a part of the configuration is left out'
        : 'a part of the configuration keeps its last good content'
    for (const problem of problems) {
      const { code, path, message: text, hint = remedy } = problem
      const fields = { provider, source, at: placeOf(problem), code, path: path.join('.') }
      this.#log.error({ ...fields, problem: text, hint }, message)
    }
  }

  #warnOfShadows(shadowed: readonly ShadowedName[]): void {
    const shadows = new Set<string>()
    for (const { path, winner, loser } of shadowed) {
      const fields = { path: path.join('.'), winner: nameOf(winner), loser: nameOf(loser) }
      const id = JSON.stringify(fields)
      shadows.add(id)
      if (!this.#shadows.has(id)) this.#log.warn(fields, 'two define one name; one is left out')
    }
    this.#shadows = shadows
  }
}

function nameOf({ source, provider }: ConfigFragment): string {
  const whole = `provider "${provider}"`
  return provider === undefined || source === whole ? source : `${source} of ${whole}`
}

function placeOf({ file, line, column }: ConfigProblem): string | undefined {
  return line === undefined ? file : `${file}:${line}:${column}`
}

function entryOf<V>(map: Map<string, V>, key: string, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = create()
  map.set(key, made)
  return made
}
