/**
 * What one configuration is put together from, and which parts of it have to stay out.
 *
 * @module
 */
import { canonicalJson } from './canonical.ts'
import type { ConfigProblem } from './config.ts'
import { type GatewayError, isGatewayError } from './gateway-error.ts'
import {
  type ConfigFragment,
  type ConfigInput,
  isDocument,
  isRecord,
  type ShadowedName,
} from './merged-config.ts'
import type { ConfigPart, RefusedPart } from './provider.ts'
import type { MissingBlock } from './references.ts'

/** What one provider has to say, and what is in force of it. */
export interface ProviderParts {
  readonly provider: string
  readonly precedence: number
  readonly parts: readonly ConfigPart[]
  /** Why there is nothing new of it. */
  readonly failure?: ProviderFailure
  /** By source. */
  readonly inForce: ReadonlyMap<string, ConfigInput>
}

/** What it is that nothing could be loaded. */
export interface ProviderFailure {
  readonly source: string
  readonly problems: readonly ConfigProblem[]
  /** Whether nothing is to be applied. */
  readonly strict: boolean
}

/** A problem with the part that it is about. */
export interface FoundProblem {
  readonly part: Part
  readonly problem: ConfigProblem
  /** The block that it is about, if it is that it is not there. */
  readonly missing?: MissingBlock | undefined
}

/** One of the parts, and what has become of it. */
export class Part implements ConfigFragment {
  /** `undefined` for what the gateway was started or reloaded with. */
  readonly provider: string | undefined
  readonly source: string
  readonly precedence: number
  readonly strict: boolean
  /** Why it is not in force as it is. */
  readonly problems: ConfigProblem[] = []
  readonly #lastGood: ConfigInput | undefined
  /** True if the other parts of its provider stay instead of it. */
  #standsForAll = false
  #input: ConfigInput | undefined

  constructor(
    { source, input, strict }: ConfigPart,
    from?: Pick<ProviderParts, 'provider' | 'precedence'>,
    lastGood?: ConfigInput,
  ) {
    this.provider = from?.provider
    this.precedence = from?.precedence ?? Number.POSITIVE_INFINITY
    this.source = source
    this.strict = strict === true || from === undefined
    this.#lastGood = lastGood
    if (isGatewayError(input)) this.problems.push(...problemsOf(input, source))
    this.#input = isGatewayError(input) ? undefined : input
  }

  /** What a provider would have said that could not load. */
  static unloaded(from: ProviderParts, { source, problems, strict }: ProviderFailure): Part {
    const part = new Part({ source, input: {}, strict }, from)
    part.#input = undefined
    part.#standsForAll = from.inForce.size > 0
    part.problems.push(...problems)
    return part
  }

  /** What a provider has no more; takes part once it gives way. */
  static gone(from: ProviderParts, source: string, lastGood: ConfigInput): Part {
    const part = new Part({ source, input: {} }, from, lastGood)
    part.#input = undefined
    return part
  }

  /** What takes part; nothing of a part that is left out. */
  get input(): ConfigInput {
    return this.#input ?? {}
  }

  get takesPart(): boolean {
    return this.#input !== undefined
  }

  /** True if it fitted before as it is. */
  get unchanged(): boolean {
    return this.#input !== undefined && sameInput(this.#input, this.#lastGood)
  }

  /** True if it is all that could not be loaded, while what was there before stays. */
  get standsForAll(): boolean {
    return this.#standsForAll
  }

  /** True if its last good content has a block. */
  hadBlock(block: MissingBlock): boolean {
    return this.#lastGood !== undefined && hasBlock(this.#lastGood, block)
  }

  get hasOlder(): boolean {
    return this.#lastGood !== undefined && !this.unchanged
  }

  get standIn(): RefusedPart['standIn'] {
    return this.takesPart || this.#standsForAll ? 'last good' : 'nothing'
  }

  /** Makes room for its last good content, or for nothing. */
  giveWay(problems: readonly ConfigProblem[]): void {
    this.problems.push(...problems)
    this.#input = this.unchanged ? undefined : this.#lastGood
  }
}

/** The parts of one configuration. */
export class Contributions {
  /** What the gateway was started or reloaded with. */
  readonly main: Part
  /** Names that were left out when the parts were merged last. */
  shadowed: readonly ShadowedName[] = []
  readonly #parts: Part[]
  readonly #providers: readonly ProviderParts[]
  readonly #lenient: boolean
  #reverted = false

  /** @param lenient Whether parts that are wrong may be left out. */
  constructor(main: ConfigInput, providers: readonly ProviderParts[], lenient: boolean) {
    this.#providers = providers
    this.#lenient = lenient
    const own = isDocument(main) ? main.file : undefined
    this.main = new Part({ source: own ?? 'the configuration', input: main })
    this.#parts = [
      this.main,
      ...providers.flatMap((from) =>
        from.parts.map((part) => new Part(part, from, from.inForce.get(part.source))),
      ),
      ...providers.flatMap((from) =>
        from.failure === undefined ? [] : [Part.unloaded(from, from.failure)],
      ),
    ]
    for (const part of this.#parts) {
      // First of all: else those that need it would be taken for wrong.
      if (part.problems.length > 0 && this.#mayGiveWay(part)) part.giveWay([])
    }
  }

  /** All of them. */
  get parts(): readonly Part[] {
    return this.#parts
  }

  /** Those that take part. What was there before comes first, so that it wins over what is new. */
  fragments(): Part[] {
    const taking = this.#parts.filter(({ takesPart }) => takesPart)
    const isNew = (part: Part): boolean => part.provider !== undefined && !part.unchanged
    return [...taking.filter((part) => !isNew(part)), ...taking.filter(isNew)]
  }

  /** Problems of parts that may not be left out, before they are looked into. */
  unread(): FoundProblem[] {
    return this.#parts
      .filter((part) => !part.takesPart && !this.#mayGiveWay(part))
      .flatMap((part) => part.problems.map((problem) => ({ part, problem })))
  }

  /**
   * Leaves out what is to blame for problems, so that the rest may be tried; false if nothing of
   * that may be left out. Comes to an end: each part gives way twice at most.
   */
  leaveOut(found: readonly FoundProblem[]): boolean {
    if (this.#bringBack(found)) return true
    const blamed = Map.groupBy(found, ({ part }) => part)
    const parts = [...blamed.keys()].filter((part) => part.takesPart && this.#mayGiveWay(part))
    const changed = parts.filter((part) => !part.unchanged)
    // What did not change fitted before, so a change elsewhere is the cause.
    if (changed.length === 0 && parts.length > 0 && this.#revert(found)) return true
    for (const part of changed.length > 0 ? changed : parts) {
      part.giveWay((blamed.get(part) ?? []).map(({ problem }) => problem))
    }
    return parts.length > 0
  }

  #mayGiveWay(part: Part): boolean {
    return this.#lenient && !part.strict
  }

  /** Puts back what is still needed by what did not change, or may not give way; false if nothing. */
  #bringBack(found: readonly FoundProblem[]): boolean {
    if (!this.#lenient) return false
    let isAny = false
    for (const { part, problem, missing } of found) {
      const isNew = this.#mayGiveWay(part) && !part.unchanged
      if (missing === undefined || isNew || this.#has(missing)) continue
      const older = this.#olderWith(missing)
      if (older === undefined) continue
      older.giveWay([neededBy(problem, missing)])
      isAny = true
    }
    return isAny
  }

  #has(block: MissingBlock): boolean {
    return this.#parts.some((part) => part.takesPart && hasBlock(part.input, block))
  }

  /** A part that had a block, from among those that are gone as well. */
  #olderWith(block: MissingBlock): Part | undefined {
    const changed = this.#parts.find(
      (part) => part.hasOlder && this.#mayGiveWay(part) && part.hadBlock(block),
    )
    if (changed !== undefined) return changed
    const gone = this.#providers
      .flatMap((from) => this.#goneOf(from))
      .find((part) => part.hadBlock(block))
    if (gone !== undefined) this.#parts.push(gone)
    return gone
  }

  /** Puts back what has changed or is gone, once; false if that is nothing. */
  #revert(found: readonly FoundProblem[]): boolean {
    if (this.#reverted) return false
    this.#reverted = true
    const problems = found.map(({ problem }) => problem)
    const changed = this.#parts.filter((part) => part.hasOlder && this.#mayGiveWay(part))
    for (const part of changed) part.giveWay(problems)
    const gone = this.#providers.flatMap((from) => this.#goneOf(from))
    for (const part of gone) part.giveWay(problems)
    this.#parts.push(...gone)
    return changed.length + gone.length > 0
  }

  #goneOf(from: ProviderParts): Part[] {
    // Whoever is strict does not want anything but what there is.
    if (from.parts.some(({ strict }) => strict)) return []
    const here = this.#parts.filter(({ provider }) => provider === from.provider)
    const sources = new Set(here.map(({ source }) => source))
    return [...from.inForce]
      .filter(([source]) => !sources.has(source))
      .map(([source, input]) => Part.gone(from, source, input))
  }
}

function problemsOf(
  { code, message, hint, problems }: GatewayError,
  file: string,
): ConfigProblem[] {
  if (problems.length > 0) return [...problems]
  return [{ path: [], code, message, file, ...(hint !== undefined && { hint }) }]
}

/** Why a part stays that has the block no more, or is gone. */
function neededBy(problem: ConfigProblem, { section, name }: MissingBlock): ConfigProblem {
  const { suggestion: _, ...rest } = problem
  const where = problem.path.join('.')
  const message = `it has ${section}.${name} no more, which ${where} still names`
  return { ...rest, message, hint: 'take the name out there, or have the provider bring it back' }
}

function hasBlock(input: ConfigInput, { section, name }: MissingBlock): boolean {
  const config: Readonly<Record<string, unknown>> = isDocument(input) ? input.config : input
  const blocks = config[section]
  return isRecord(blocks) && Object.hasOwn(blocks, name)
}

function sameInput(one: ConfigInput, other: ConfigInput | undefined): boolean {
  if (one === other || other === undefined) return one === other
  return textOf(one) === textOf(other)
}

/** The same for equal ones. */
export function textOf(input: ConfigInput): string {
  return canonicalJson(isDocument(input) ? input.config : input)
}
