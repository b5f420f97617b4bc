import { runPluginContract } from '@gatewright/testing'
import plugin from '../src/index.js'

await runPluginContract(plugin, {
  packageJson: new URL('../package.json', import.meta.url),
  readme: new URL('../README.md', import.meta.url),
  valid: [{}, { methods: ['GET'], note: 'good day' }],
  invalid: [{ methods: [] }, { methods: ['get'] }],
  rejected: [{ method: 'DELETE' }],
})
