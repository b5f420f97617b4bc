// What all protocols of the process have in common.
export { sharedDeadlines as deadlines, sharedIo as io } from '@gatewright/http1'

/** Finds out about peers that have gone without a word. */
export const keepAlive = { keepAlive: true, keepAliveInitialDelay: 15_000 } as const
