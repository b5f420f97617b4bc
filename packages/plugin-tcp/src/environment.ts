// What all protocols of the process have in common.
export { sharedDeadlines as deadlines, sharedIo as io } from '@gatewright/http1'

/** After so long without a byte a peer is asked whether it is still there. */
export const keepAliveMs = 15_000
