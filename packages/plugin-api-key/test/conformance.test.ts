import { describeMiddleware } from '@gatewright/testing/conformance'
import { apiKey } from '../src/index.ts'

const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

describeMiddleware(apiKey, {
  valid: [
    { keys: ['secret'] },
    { keys: [`sha256:${digest}`], header: 'X-Key', consumer_header: '' },
    { consumers: { acme: ['one', 'two'], other: ['three'] }, forward: true },
    { keys: ['secret'], authorization: true, query: 'key', realm: 'the office' },
  ],
  invalid: [
    {},
    { keys: [] },
    { keys: [''] },
    { keys: ['a'], consumer_header: 'Content-Length' },
    { keys: ['a', 'a'] },
    { keys: ['abc', `sha256:${digest}`] },
    { keys: ['sha256:abc'] },
    { consumers: { acme: [] } },
    { consumers: { acme: ['same'], other: ['same'] } },
    { consumers: { 'a\r\nb': ['key'] } },
    { consumers: { '': ['key'] } },
    { keys: ['secret'], header: 'X Key' },
    { keys: ['secret'], realm: 'a "b"' },
    { keys: ['secret'], consumer_header: 'x_api_key' },
    { keys: ['secret'], authorization: true, consumer_header: 'Authorization' },
    { keys_file: '/there/is/no/such/file' },
  ],
  requests: [{ headers: { 'x-api-key': 'secret' } }],
  ownFields: ['x-consumer-name'],
  rejected: [{}, { headers: { 'x-api-key': 'wrong' } }],
})
