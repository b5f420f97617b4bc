import { runPluginContract } from '@gatewright/testing'
import plugin from '../src/index.ts'

await runPluginContract(plugin, {
  packageJson: new URL('../package.json', import.meta.url),
  readme: new URL('../README.md', import.meta.url),
  valid: [{}, { host: 'example.test', patience: '1s' }],
  invalid: [{ patience: 0 }],
})
