import { describe, expect, it } from 'vitest'
import { isFragmentName, listFragments } from '../src/fragment-list.ts'
import { createFolder } from './folder.ts'

describe('the files of a folder', () => {
  it('are those with the extension', () => {
    const names = [
      'a.hcl',
      'a.toml',
      'a.json',
      'a',
      'hcl',
      '.a.hcl',
      'a.hcl~',
      'a.hcl.swp',
      '#a.tmp',
    ]

    expect(names.filter(isFragmentName)).toEqual(['a.hcl'])
  })

  it('come in byte order of their paths', async () => {
    await using folder = await createFolder()
    for (const name of ['b.hcl', 'a/z.hcl', 'Z.hcl', 'a.hcl', 'é.hcl', '10.hcl', '9.hcl']) {
      await folder.write(name, '')
    }

    const { files } = await listFragments(folder.path)

    expect(files.map(({ name }) => name)).toEqual([
      '10.hcl',
      '9.hcl',
      'Z.hcl',
      'a.hcl',
      'a/z.hcl',
      'b.hcl',
      'é.hcl',
    ])
  })
})
