import { Deadlines } from '@gatewright/http1'

/** One sweep over all sessions of the process. */
export const deadlines: Deadlines = new Deadlines()
