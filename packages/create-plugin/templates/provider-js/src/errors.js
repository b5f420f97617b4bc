import { defineErrors } from '@gatewright/kernel'

/** Why a configuration is refused. What ran before goes on. */
export const errors = defineErrors({
  GW_MY_PLUGIN_FILE: {
    status: 500,
    source: 'config',
    /** @param {{ file: string, problem: string }} p */
    message: (p) => `${p.file}: ${p.problem}`,
  },
})
