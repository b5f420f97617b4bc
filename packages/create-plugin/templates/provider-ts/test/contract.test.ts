import { join } from 'node:path'
import { describeProvider } from '@gatewright/testing/conformance'
import { afterAll } from 'vitest'
import { provider } from '../src/provider.ts'
import { routesFolder } from './routes-folder.ts'

const folder = await routesFolder({})
afterAll(() => folder[Symbol.asyncDispose]())

describeProvider(provider, {
  valid: [{ file: join(folder.path, 'routes.json'), interval: '10ms' }],
  invalid: [{}, { file: '' }],
  change: () => folder.write({ '/api': ['http://10.0.0.1'] }),
})
