import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const folder = join(import.meta.dirname, '../../../../deploy/observability')

it.each([
  ['check', 'rules', 'alerts.yml'],
  ['check', 'config', 'prometheus.yml'],
  ['test', 'rules', 'alerts.test.yml'],
])('promtool has nothing against what we deploy: %s %s %s', async (...args) => {
  const { stdout } = await run('promtool', args, { cwd: folder })

  expect(stdout).toContain('SUCCESS')
  expect(stdout).not.toContain('FAILED')
})
