import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeProvider } from '@gatewright/testing/conformance'
import { afterAll } from 'vitest'
import { createFileProvider } from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatewright-file-'))
let changes = 0

describeProvider(createFileProvider(), {
  valid: [
    { directory, debounce_ms: 1 },
    { watch: false },
    { directory, poll_secs: 0, on_fragment_error: 'strict' },
  ],
  invalid: [
    { watch: 'sometimes' },
    { directory: '' },
    { debounce_ms: 0 },
    { poll_secs: -1 },
    { on_fragment_error: 'ignore' },
    { recursive: true },
  ],
  change: () => writeFileSync(join(directory, 'a.hcl'), `routers "r${++changes}" {}\n`),
})

afterAll(() => rmSync(directory, { recursive: true }))
