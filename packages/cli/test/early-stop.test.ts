import { expect, it } from 'vitest'
import { Cli, createFolder } from './cli.ts'

const plugin = `
export default {
  name: 'slow',
  setup({ providers }) {
    providers.register({
      type: 'slow',
      schema: { type: 'object', additionalProperties: false, properties: {} },
      load: () => new Promise(() => {}),
      create: () => ({ async *watch() {} }),
    })
  },
}
`

it('a start that waits for a provider ends in order by SIGTERM', async () => {
  const config = 'plugins "slow" { source = "./slow.js" }\nproviders "slow" {}\n'
  await using folder = await createFolder({ 'gateway.hcl': config, 'slow.js': plugin })
  await using cli = new Cli([], { cwd: folder.path })
  await cli.line('waiting for a provider to load')

  cli.kill('SIGTERM')

  const { code, stdout, stderr } = await cli.ended
  expect(stdout).not.toContain('configuration loaded')
  expect(stdout).toContain('"msg":"stopped"')
  expect(stderr).not.toContain('error')
  expect(code).toBe(0)
})
