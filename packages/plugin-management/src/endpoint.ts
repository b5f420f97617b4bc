import type { Role } from './access.ts'
import type { Asked } from './asked.ts'
import type { Reply } from './reply.ts'

/** What is done for one method of one path. */
export interface Endpoint {
  /** `undefined` if nobody has to show anything. */
  readonly role: Role | undefined
  /** Media types of bodies that it takes; without, it takes none. */
  readonly takes?: readonly string[]
  /** True if a name may stand behind the path. */
  readonly named?: boolean
  answer(asked: Asked): Reply | Promise<Reply>
}

/** By method: `GET`, which answers `HEAD` as well, and `POST`. */
export type Methods = Readonly<Partial<Record<'GET' | 'POST', Endpoint>>>
