import { HeadPool, sharedDeadlines } from '@gatewright/http1'
import { Farewells } from './farewells.ts'

// What all protocols of the process have in common.
export { sharedDeadlines as deadlines, sharedIo as io } from '@gatewright/http1'

/** The heads that wait for the next message. */
export const heads: HeadPool = new HeadPool()

/** The last words to clients that are refused. */
export const farewells: Farewells = new Farewells(sharedDeadlines)
