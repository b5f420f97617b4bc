/**
 * `access_log` block: a line for every exchange.
 *
 * @module
 */
import { definePlugin, type SectionKey } from '@gatewright/kernel'
import type { AccessLog } from './access-log.ts'
import { type AccessLogOptions, accessLogSchema } from './options.ts'
import { type MakeAccessLog, setUpAccessLog } from './taps.ts'

export type { AccessLog } from './access-log.ts'
export { type AccessLogOptions, accessLogSchema, type HeaderOptions } from './options.ts'
export { accessLogOf, type MakeAccessLog, setUpAccessLog } from './taps.ts'

export default definePlugin({
  name: '@gatewright/plugin-access-log',
  setup(gateway) {
    const make: MakeAccessLog = setUpAccessLog(gateway, (snapshot) => snapshot.get(key))
    const key: SectionKey<AccessLog> = gateway.section<AccessLogOptions, AccessLog>({
      type: 'access_log',
      labelled: false,
      schema: accessLogSchema,
      create: (options, scope) => make(options, scope),
    })
  },
})
