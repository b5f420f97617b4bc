import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { linksOf } from '../src/index.ts'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gatewright-links-')))
})

afterEach(() => rm(folder, { recursive: true }))

describe('what has a say in what stands at a path', () => {
  it('is the name in its folder, whether it is there or not', async () => {
    await writeFile(join(folder, 'a'), '')

    expect(await linksOf(join(folder, 'a'))).toEqual(new Map([[folder, new Set(['a'])]]))
    expect(await linksOf(join(folder, 'b'))).toEqual(new Map([[folder, new Set(['b'])]]))
  })

  it('is every link on the way, to the real file', async () => {
    await mkdir(join(folder, '..1'))
    await writeFile(join(folder, '..1', 'a'), '')
    await symlink('..1', join(folder, '..data'))
    await symlink(join('..data', 'a'), join(folder, 'a'))

    expect(await linksOf(join(folder, 'a'))).toEqual(
      new Map([
        [folder, new Set(['a', '..data'])],
        [join(folder, '..1'), new Set(['a'])],
      ]),
    )
  })

  it('comes to an end if links lead in a circle', async () => {
    await symlink('b', join(folder, 'a'))
    await symlink('a', join(folder, 'b'))

    expect(await linksOf(join(folder, 'a'))).toEqual(new Map([[folder, new Set(['a', 'b'])]]))
  })
})
