import type { Scope } from '@gatewright/kernel'
import { CertificateChoice } from './certificate-choice.ts'
import { throwAll, tried } from './failures.ts'
import { FileProblems } from './file-problems.ts'
import { FileWatch } from './file-watch.ts'
import {
  type KeyPair,
  type PairPlan,
  parseCertificates,
  parsePair,
  readAuthorities,
  readPair,
} from './key-pair.ts'
import { type PemFile, readPemFileAgain } from './pem-file.ts'
import { PresentedCertificate } from './presented-certificate.ts'
import type { TicketKeys } from './ticket-keys.ts'
import type { TlsPlan } from './tls-plan.ts'
import { warnOfDates } from './validity.ts'

/**
 * The certificates of a block `tls`. Watches their files: handshakes that begin after a change get
 * the new certificate; one that cannot be used leaves the old one in its place.
 */
export class CertificateStore implements AsyncDisposable {
  readonly #plan: TlsPlan
  readonly #tickets: TicketKeys
  readonly #log: Scope['log']
  readonly #watch: FileWatch
  #pairs: readonly KeyPair[]
  #authorities: readonly string[]
  #choice: CertificateChoice
  /** By the first file of a part. */
  readonly #problems: FileProblems
  #closed = false

  /** Reads all files. Throws GW_TLS_… */
  constructor(plan: TlsPlan, tickets: TicketKeys, log: Scope['log']) {
    this.#plan = plan
    this.#tickets = tickets
    this.#log = log
    const failures: unknown[] = []
    this.#pairs = tried(failures, plan.pairs, readPair)
    this.#authorities = tried(failures, plan.authorities, readAuthorities)
    throwAll(failures)
    this.#choice = this.#choose(this.#pairs, this.#authorities)
    this.#warnOfDates()
    const files = [...plan.pairs.flatMap(({ cert, key }) => [cert, key]), ...plan.authorities]
    const paths = files.map(({ path }) => path)
    this.#watch = new FileWatch(paths, log, () => this.#readAgain())
    this.#problems = new FileProblems(
      log,
      'certificate is not usable; the one of before stays',
      () => this.#watch.checkSoon(),
    )
  }

  /**
   * The certificate for a client that asks for this name, lower-case; `undefined` if it gets none.
   */
  for(serverName: string | undefined): PresentedCertificate | undefined {
    const named = serverName === undefined ? undefined : this.#choice.named(serverName)
    return named ?? (this.#plan.strict ? undefined : this.#choice.fallback)
  }

  /** Until when they are valid, each with the first name that it is for. */
  validities(): { readonly domain: string; readonly validTo: Date }[] {
    return this.#pairs.map(({ names, leaf }) => {
      const [domain = ''] = names
      return { domain, validTo: leaf.validToDate }
    })
  }

  /** Begins to watch, once. */
  watch(): void {
    this.#watch.start()
  }

  /** Looks whether the files have changed, at once. Never rejects. */
  check(): Promise<void> {
    return this.#watch.check()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#watch[Symbol.asyncDispose]()
  }

  #choose(pairs: readonly KeyPair[], authorities: readonly string[]): CertificateChoice {
    const present = (pair: KeyPair): PresentedCertificate =>
      new PresentedCertificate(pair, this.#plan, authorities, this.#tickets)
    return new CertificateChoice(pairs.map(present))
  }

  /** Every part that is usable takes effect, even if another one is not. */
  async #readAgain(): Promise<void> {
    const { pairs: plans, authorities: files } = this.#plan
    const pairs = await Promise.all(this.#pairs.map((before, i) => this.#pairNow(plans[i], before)))
    const authorities = await Promise.all(
      this.#authorities.map((before, i) => this.#authoritiesNow(files[i], before)),
    )
    if (this.#closed || !this.#isNew(pairs, authorities)) return
    try {
      this.#choice = this.#choose(pairs, authorities)
    } catch (error) {
      return this.#problems.found('', error)
    }
    this.#problems.solved('')
    this.#pairs = pairs
    this.#authorities = authorities
    this.#log.info({ paths: plans.map(({ cert }) => cert.path) }, 'certificates were read again')
    this.#warnOfDates()
  }

  #pairNow(plan: PairPlan | undefined, before: KeyPair): Promise<KeyPair> {
    return this.#orBefore(plan?.cert.path, before, async () => {
      if (plan === undefined) return before
      const cert = await readPemFileAgain(plan.cert)
      const key = await readPemFileAgain(plan.key)
      const same = cert === before.cert && key === before.key
      return same ? before : parsePair(plan, cert, key)
    })
  }

  #authoritiesNow(file: PemFile | undefined, before: string): Promise<string> {
    return this.#orBefore(file?.path, before, async () => {
      if (file === undefined) return before
      const text = await readPemFileAgain(file)
      if (text !== before) parseCertificates(file, text)
      return text
    })
  }

  async #orBefore<T>(path = '', before: T, read: () => Promise<T>): Promise<T> {
    try {
      const now = await read()
      this.#problems.solved(path)
      return now
    } catch (error) {
      if (!this.#closed) this.#problems.found(path, error)
      return before
    }
  }

  #isNew(pairs: readonly KeyPair[], authorities: readonly string[]): boolean {
    const changed = pairs.some((pair, i) => pair !== this.#pairs[i])
    return changed || authorities.some((text, i) => text !== this.#authorities[i])
  }

  #warnOfDates(): void {
    const told = new Set<string | undefined>()
    for (const [i, { leaf }] of this.#pairs.entries()) {
      const path = this.#plan.pairs[i]?.cert.path
      if (told.has(path)) continue
      told.add(path)
      warnOfDates(this.#log, path, [leaf])
    }
  }
}
