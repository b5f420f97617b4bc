import type { Plugin } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import type { PluginContract } from '../../src/index.ts'
import { good, goodContract } from './good-plugin.ts'
import { outcomeOf, withMiddleware, withOptions } from './tested-plugins.ts'

const readme = new URL('quota.md', import.meta.url)

/** What somebody could write about a plugin, the check that finds it, and how it says so. */
const bad: Record<string, [Plugin, PluginContract, RegExp, string]> = {
  'a package with another name': [
    good,
    manifest({ name: 'quota' }),
    /: has a name as plugins have/,
    '"name" is "quota"',
  ],
  'a package without the keyword': [
    good,
    manifest({ keywords: [] }),
    /: has the keyword by which plugins are found/,
    'add "gatewright-plugin" to "keywords"',
  ],
  'a kernel of its own': [
    good,
    manifest({ dependencies: { '@gatewright/kernel': '^1.0.0' } }),
    /: takes the kernel of its user/,
    'to "peerDependencies"; else there are two',
  ],
  'no kernel at all': [
    good,
    manifest({ peerDependencies: {} }),
    /: takes the kernel of its user/,
    'add "@gatewright/kernel" to "peerDependencies"',
  ],
  'an export for import alone': [
    good,
    manifest({ exports: { '.': { import: './dist/index.js' } } }),
    /: can be imported and required by everybody/,
    'need "default"',
  ],
  'no export of the package.json': [
    good,
    manifest({ exports: './dist/index.js' }),
    /: can be read by tools/,
    'add "./package.json"',
  ],
  'a manifest with another version of the contract': [
    good,
    manifest({ gatewright: { apiVersion: 2 } }),
    /: says in its package.json what it registers/,
    '"apiVersion":2',
  ],
  'a manifest with too few kinds': [
    good,
    manifest({ gatewright: { apiVersion: 1, kinds: ['middleware'] } }),
    /: says in its package.json what it registers/,
    'expected "gatewright": {"apiVersion":1,"kinds":["section","middleware"]',
  ],
  'a manifest with another type': [
    good,
    manifest({
      gatewright: {
        apiVersion: 1,
        kinds: ['middleware', 'section'],
        provides: { middleware: ['quotas'], section: ['quotas'] },
      },
    }),
    /: says in its package.json what it registers/,
    '"middleware":["quota"]}',
  ],
  'a README that lacks an option': [
    withOptions({ burst: { type: 'integer', description: 'Burst.' } }),
    { readme },
    /: has a README whose tables/,
    'no table of options has a row for `burst`',
  ],
  'a README with another default': [
    withOptions({ per: { duration: true, default: '2s', description: 'For how long.' } }),
    { readme },
    /: has a README whose tables/,
    'does not tell its default, "2s"',
  ],
  'a README with an option that is gone': [
    withMiddleware({}),
    { readme },
    /: has a README whose tables/,
    'is no option',
  ],
}

describe('a contract finds', () => {
  it.each(Object.entries(bad))('%s', async (_, [tested, contract, name, problem]) => {
    await expect(outcomeOf(tested, contract, name)).resolves.toContain(problem)
  })
})

function manifest(parts: Readonly<Record<string, unknown>>): PluginContract {
  return { packageJson: { ...Object(goodContract.packageJson), ...parts } }
}
