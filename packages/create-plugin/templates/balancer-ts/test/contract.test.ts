import { runPluginContract } from '@gatewright/testing'
import plugin from '../src/index.ts'

await runPluginContract(plugin, {
  packageJson: new URL('../package.json', import.meta.url),
  readme: new URL('../README.md', import.meta.url),
  valid: [{}, { fill: 1 }],
  invalid: [{ fill: 0 }],
})
