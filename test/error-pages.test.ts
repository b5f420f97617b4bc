/**
 * Examples on the pages of error codes: what is written there in HCL really has the error.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HclSyntaxError, parseHcl } from '@gatewright/config-hcl'
import { Gateway, isGatewayError } from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { recordLogs } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../docs/errors/', import.meta.url))

describe('the example of the page of', () => {
  for (const [code, hcl] of readExamples()) {
    it(`${code} has that error`, async () => {
      expect(await codesOf(hcl)).toContain(code)
    })
  }
})

/** The first block of HCL on each page, if there is one. */
function readExamples(): [code: string, hcl: string][] {
  return globSync('GW_*.md', { cwd: folder }).flatMap((file) => {
    const hcl = /## Example\n[\s\S]*?```hcl\n([\s\S]*?)```/.exec(
      readFileSync(folder + file, 'utf8'),
    )
    return hcl?.[1] === undefined ? [] : [[basename(file, '.md'), hcl[1]]]
  })
}

async function codesOf(hcl: string): Promise<readonly string[]> {
  const loader = createLoader({ baseDir: folder })
  await using gateway = new Gateway({ loader, log: recordLogs().log })
  try {
    const document = await parseHcl(hcl, { file: `${folder}example.hcl`, env: {} })
    return (await gateway.validate(document)).map(({ code }) => code)
  } catch (error) {
    if (error instanceof HclSyntaxError) return error.problems.map(({ code }) => code)
    if (isGatewayError(error)) return [error.code, ...error.problems.map(({ code }) => code)]
    throw error
  }
}
