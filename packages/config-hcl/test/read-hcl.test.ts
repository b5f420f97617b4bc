import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseHcl, readHcl } from '../src/index.ts'

describe('readHcl', () => {
  let folder = ''
  let file = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatewright-'))
    file = join(folder, 'gateway.hcl')
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })

  it('reads a file, with or without a byte order mark', async () => {
    await writeFile(file, '\uFEFFa = "é"')

    const document = await readHcl(file)

    expect(document.config).toEqual({ a: 'é' })
    expect(document.file).toBe(file)
    expect(document.text).toBe('a = "é"')
  })

  it('takes variables from the environment of the process', async () => {
    vi.stubEnv('GATEWRIGHT_TEST', 'value')
    await writeFile(file, 'a = GATEWRIGHT_TEST')

    expect((await readHcl(file)).config).toEqual({ a: 'value' })
  })

  it('finds other files from the folder of the file', async () => {
    await writeFile(join(folder, 'key.pem'), 'KEY')
    await writeFile(file, 'a = file("key.pem")\nb = file("./key.pem")')

    expect((await readHcl(file)).config).toEqual({ a: 'KEY', b: 'KEY' })
  })

  it('says which of them is not there, and where it is named', async () => {
    await writeFile(file, 'a = file("key.pem")')

    await expect(readHcl(file)).rejects.toMatchObject({
      problems: [
        { code: 'GW_CONFIG_FILE', line: 1, message: 'cannot read file "key.pem": ENOENT' },
      ],
    })
  })

  it('refuses a file that is not there', async () => {
    await expect(readHcl(file)).rejects.toMatchObject({
      code: 'GW_CONFIG_FILE',
      source: 'config',
      message: expect.stringContaining(`"${file}" cannot be read: ENOENT`),
    })
  })

  it('refuses a folder', async () => {
    await expect(readHcl(folder)).rejects.toMatchObject({ code: 'GW_CONFIG_FILE' })
  })

  it('refuses a file that is not UTF-8', async () => {
    await writeFile(file, Buffer.from([0x61, 0x20, 0x3d, 0x20, 0x22, 0xff, 0x22]))

    await expect(readHcl(file)).rejects.toMatchObject({
      code: 'GW_CONFIG_FILE',
      message: `configuration file "${file}" cannot be read: it is not UTF-8`,
    })
  })

  it('refuses a file that is too large', async () => {
    await writeFile(file, `# ${'x'.repeat(1024 * 1024)}`)

    await expect(readHcl(file)).rejects.toMatchObject({
      problems: [{ code: 'GW_CONFIG_TOO_LARGE', file, line: 1, column: 1 }],
    })
  })
})

describe('parseHcl', () => {
  it('asks `readFile` for absolute paths', async () => {
    const paths: string[] = []
    const readFile = (path: string): string => {
      paths.push(path)
      return ''
    }

    await parseHcl('a = file("x")\nb = file("/y")', { file: '/etc/gateway/gateway.hcl', readFile })

    expect(paths).toEqual(['/etc/gateway/x', '/y'])
  })
})
