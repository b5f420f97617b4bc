import { Deadlines, Io } from '@gatewright/http1'

/** One sweep over all deadlines of the connections of the process. */
export const deadlines: Deadlines = new Deadlines()

/** Finds out about peers that have gone without a word. */
export const keepAlive = { keepAlive: true, keepAliveInitialDelay: 15_000 } as const

/** How the connections of this process are read and written once they are passed on. */
export const io: Io = new Io()
