/**
 * Who a request comes from: what authenticating middlewares tell, and others read.
 *
 * @module
 */
export { type Consumer, consumerKey } from './consumer.ts'
export { IdentityFields, otherSpellings, setIdentityField } from './identity-fields.ts'
export { requestId, requestIdOf } from './request-id.ts'
export { digestOfField, digestOfText, sameDigest, sameSecret, urlForLogs } from './secret.ts'
export { SecretTable } from './secret-table.ts'
