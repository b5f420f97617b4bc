import { describe, expect, it } from 'vitest'
import { maxConnectionsOf, parseFileLimit, parsePortRange } from '../src/process/limits.ts'

describe('parseFileLimit', () => {
  it('reads the hard limit', () => {
    const limits = 'Max processes 1 2 processes\nMax open files            1024    20000   files \n'

    expect(parseFileLimit(limits)).toBe(20_000)
  })

  it('knows that there may be none', () => {
    expect(parseFileLimit('Max open files  1024  unlimited  files')).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('maxConnectionsOf', () => {
  it.each([
    { files: 20_000, ports: parsePortRange('32768\t60999\n'), connections: 9488 },
    { files: 65_536, ports: parsePortRange('32768\t60999\n'), connections: 14_116 },
  ])('lets $connections clients connect with $files files and $ports ports', (limits) => {
    expect(maxConnectionsOf(limits.files, limits.ports)).toBe(limits.connections)
  })
})
