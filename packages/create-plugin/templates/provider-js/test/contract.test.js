import { join } from 'node:path'
import { runPluginContract } from '@gatewright/testing'
import { afterAll } from 'vitest'
import plugin from '../src/index.js'
import { routesFolder } from './routes-folder.js'

const folder = await routesFolder({})
afterAll(() => folder[Symbol.asyncDispose]())

await runPluginContract(plugin, {
  packageJson: new URL('../package.json', import.meta.url),
  readme: new URL('../README.md', import.meta.url),
  valid: [{ file: join(folder.path, 'routes.json'), interval: '10ms' }],
  invalid: [{}, { file: '' }],
  change: () => folder.write({ '/api': ['http://10.0.0.1'] }),
})
