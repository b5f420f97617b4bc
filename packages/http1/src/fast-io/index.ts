/**
 * Reading and writing below sockets. To import it is to ask Node for access to its stream handles,
 * so that is done only where they are wanted.
 *
 * @module
 */
export { fastTlsWire } from './fast-tls-wire.ts'
export { fastWire } from './fast-wire.ts'
export { acceptRaw } from './raw-connection.ts'
export { testFastIo } from './self-test.ts'
