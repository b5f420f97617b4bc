import { defineErrors } from '@gatewright/kernel'

/** Why a configuration is refused. What ran before goes on. */
export const errors = defineErrors({
  GW_CSV_FILE: {
    status: 500,
    source: 'config',
    message: (p: { file: string; problem: string }) => `${p.file}: ${p.problem}`,
  },
})
