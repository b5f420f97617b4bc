import { describe, expect, it } from 'vitest'
import { describeFault, Fault, faultDetails, requestError, responseError } from '../src/index.ts'

describe('faults', () => {
  it.each(Object.entries(Fault))('%s has a code of the same name', (name, fault) => {
    const { code } = describeFault(fault)

    expect(code).toBe(
      `GW_HTTP1_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
    )
  })

  it('are all different and below what the parsers return otherwise', () => {
    expect(faultDetails.size).toBe(Object.keys(Fault).length)
    expect(Math.max(...faultDetails.keys())).toBeLessThan(-1)
  })

  it.each([
    [Fault.bareLf, 400],
    [Fault.headTooLarge, 431],
    [Fault.tooManyFields, 431],
    [Fault.targetTooLong, 414],
    [Fault.methodTooLong, 400],
    [Fault.unsupportedVersion, 505],
    [Fault.unknownTransferCoding, 501],
    [Fault.unmetExpectation, 417],
    [Fault.chunkOverheadTooLarge, 400],
  ])('%i of a client is answered with %i', (fault, status) => {
    const error = requestError(fault)

    expect(error.status).toBe(status)
    expect(error.source).toBe('client')
    expect(error.code).toBe(describeFault(fault).code)
  })

  it.each(Object.values(Fault))('%i of an upstream is a 502 that names it', (fault) => {
    const error = responseError(fault, 'http://u')

    expect(error.status).toBe(502)
    expect(error.source).toBe('upstream')
    expect(error.message).toContain('http://u')
    expect(error.message).toContain(describeFault(fault).problem)
  })

  it('throws for a number that is no fault', () => {
    expect(() => describeFault(0)).toThrow(RangeError)
    expect(() => requestError(-1)).toThrow(RangeError)
  })
})
