import type { ResponseRow } from '../response-row.ts'
import { bodies } from './bodies.ts'
import { fields } from './fields.ts'
import { interim } from './interim.ts'
import { lengths } from './lengths.ts'
import { statusLine } from './status-line.ts'

/** Everything that an upstream may try, by class. */
export const responseTable: Readonly<Record<string, readonly ResponseRow[]>> = {
  'status lines': statusLine,
  'field lines': fields,
  lengths,
  bodies,
  'interim responses': interim,
}
