import { Deadlines, HeadPool, Io } from '@gatewright/http1'
import { Farewells } from './farewells.ts'

/** One sweep over all deadlines of the process, on both sides. */
export const deadlines: Deadlines = new Deadlines()

/** The heads that wait for the next message. */
export const heads: HeadPool = new HeadPool()

/** How this process reads and writes. One for all gateways in it. */
export const io: Io = new Io()

/** The last words to clients that are refused. */
export const farewells: Farewells = new Farewells(deadlines)
