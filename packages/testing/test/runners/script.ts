/** A program that has no test runner at all. */
import { createTestGateway } from '../../src/index.ts'
import { good } from '../contract/good-plugin.ts'

const gw = await createTestGateway({
  plugins: [good],
  config: { middlewares: { few: { type: 'quota', limit: 3 } } },
})
const { status, headers } = await gw.inject('/users')
await gw.close()
process.stdout.write(`${status} ${headers['x-limit']}\n`)
