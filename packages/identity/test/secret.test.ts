import { describe, expect, it } from 'vitest'
import { digestOfField, digestOfText, SecretTable, sameDigest, sameSecret } from '../src/index.ts'

describe('secrets', () => {
  it.each([
    ['secret', 'secret', true],
    ['secret', 'secreT', false],
    ['secret', 'secret ', false],
    ['', '', true],
    ['', 'x', false],
  ])('%j and %j are the same: %s', (one, other, same) => {
    expect(sameSecret(one, other)).toBe(same)
  })

  it('are the same in a field, where each byte is a character', () => {
    const onTheWire = Buffer.from('schlüssel').toString('latin1')

    expect(digestOfField(onTheWire)).toEqual(digestOfText('schlüssel'))
    expect(digestOfField('abc')).toBe(digestOfText('abc'))
    expect(digestOfText('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  it('compares digests of different lengths as different', () => {
    const digest = Buffer.from(digestOfText('a'), 'hex')

    expect(sameDigest(digest, Buffer.from(digest))).toBe(true)
    expect(sameDigest(digest, digest.subarray(1))).toBe(false)
  })
})

describe('a table of secrets', () => {
  it('finds what belongs to a secret, and nothing for others', () => {
    const table = new SecretTable<string>()
    table.add(digestOfText('one'), 'first')
    table.add(digestOfText('two'), 'second')

    expect(table.find(digestOfText('two'))).toBe('second')
    expect(table.find(digestOfText('three'))).toBeUndefined()
    expect(table.size).toBe(2)
  })

  it('keeps what it has if a secret is added again', () => {
    const table = new SecretTable<string>()
    table.add(digestOfText('one'), 'first')

    expect(table.add(digestOfText('one'), 'second')).toBe(false)

    expect(table.find(digestOfText('one'))).toBe('first')
  })
})
