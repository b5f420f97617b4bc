import { createSecureContext, type SecureContext } from 'node:tls'
import type { Scope } from '@gatewright/kernel'
import { throwAll, tried } from '../failures.ts'
import { FileProblems } from '../file-problems.ts'
import { FileWatch } from '../file-watch.ts'
import { parseCertificates, parsePair, readAuthorities, readPair } from '../key-pair.ts'
import { readPemFileAgain } from '../pem-file.ts'
import { warnOfDates } from '../validity.ts'
import { systemRoots } from './roots.ts'
import { SessionCache } from './session-cache.ts'
import type { Trust } from './tls-dialer.ts'
import type { UpstreamPlan } from './upstream-plan.ts'

/** Contexts without files of their own, by the oldest version: to make one takes a while. */
const withoutFiles = new Map<string, SecureContext>()

/**
 * What handshakes with servers go by. Watches its files: connections that are made after a change go
 * by the new content; if that cannot be used, by that of before.
 */
export class UpstreamTrust implements AsyncDisposable {
  readonly plan: UpstreamPlan
  readonly #log: Scope['log']
  readonly #watch: FileWatch | undefined
  readonly #problems: FileProblems
  #texts: readonly string[]
  #trust: Trust | undefined = undefined
  #watching = false

  /** Reads all files. Throws GW_TLS_… */
  constructor(plan: UpstreamPlan, log: Scope['log']) {
    this.plan = plan
    this.#log = log
    this.#problems = new FileProblems(
      log,
      'files of upstream_tls are not usable; those of before stay',
      () => this.#watch?.checkSoon(),
    )
    const failures: unknown[] = []
    const roots = tried(failures, plan.authorities, readAuthorities)
    const pairs = tried(failures, plan.own === undefined ? [] : [plan.own], readPair)
    throwAll(failures)
    this.#texts = [...roots, ...pairs.flatMap(({ cert, key }) => [cert, key])]
    const files = [...plan.authorities, ...ownFiles(plan)]
    if (files.length === 0) return
    this.#trust = this.#trustIn(this.#texts)
    const paths = files.map(({ path }) => path)
    this.#watch = new FileWatch(paths, log, () => this.#readAgain())
  }

  /** What the next handshake goes by. */
  get current(): Trust {
    this.#trust ??= this.#trustIn([])
    return this.#trust
  }

  /** Begins to watch, once. */
  watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#watch?.start()
    if (!this.plan.insecure) return
    this.#log.warn(
      'upstream_tls.insecure_skip_verify: certificates of servers are not checked, so anybody can pose as one',
    )
  }

  /** Looks whether the files have changed, at once. Never rejects. */
  async check(): Promise<void> {
    await this.#watch?.check()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]()
  }

  async #readAgain(): Promise<void> {
    const { authorities } = this.plan
    try {
      const files = [...authorities, ...ownFiles(this.plan)]
      const texts = await Promise.all(files.map(readPemFileAgain))
      if (texts.some((text, i) => text !== this.#texts[i])) {
        this.#trust = this.#trustIn(texts)
        this.#texts = texts
        const paths = files.map(({ path }) => path)
        this.#log.info({ paths }, 'files of upstream_tls were read again')
      }
      this.#problems.solved('')
    } catch (error) {
      this.#problems.found('', error)
    }
  }

  /** @param texts Of the authorities, then of the own certificate and its key. */
  #trustIn(texts: readonly string[]): Trust {
    const context = contextOf(this.plan, texts)
    this.#warnOfDates(texts)
    return {
      context,
      hasOwn: this.plan.own !== undefined,
      // Who was trusted before need not be any more.
      sessions: new SessionCache(),
    }
  }

  /** Once for each file: one of many authorities is enough to look into it. */
  #warnOfDates(texts: readonly string[]): void {
    const { authorities, own } = this.plan
    for (const [i, file] of authorities.entries()) {
      warnOfDates(this.#log, file.path, parseCertificates(file, texts[i] ?? ''))
    }
    if (own === undefined) return
    const [leaf] = parseCertificates(own.cert, texts[authorities.length] ?? '')
    warnOfDates(this.#log, own.cert.path, [leaf])
  }
}

function ownFiles({ own }: UpstreamPlan) {
  return own === undefined ? [] : [own.cert, own.key]
}

function contextOf({ authorities, own, minVersion }: UpstreamPlan, texts: readonly string[]) {
  for (const [i, file] of authorities.entries()) parseCertificates(file, texts[i] ?? '')
  const roots = texts.slice(0, authorities.length)
  const [cert = '', key = ''] = texts.slice(authorities.length)
  const pair = own === undefined ? undefined : parsePair(own, cert, key)
  const known = roots.length === 0 && pair === undefined ? withoutFiles.get(minVersion) : undefined
  if (known !== undefined) return known
  const context = createSecureContext({
    ca: roots.length === 0 ? [...systemRoots()] : roots,
    // What an operator names is trusted, whoever has signed it.
    allowPartialTrustChain: roots.length > 0,
    minVersion,
    ...(pair !== undefined && { cert: pair.cert, key: pair.key }),
  })
  if (texts.length === 0) withoutFiles.set(minVersion, context)
  return context
}
