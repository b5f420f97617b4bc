import { startGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { configOf } from './shadowed.ts'

const parts = { primary: 'http://127.0.0.1:9', shadow: 'http://127.0.0.1:9' }

describe('a mirror block', () => {
  it.each([
    ['percentage = 101', 'percentage'],
    ['percentage = -1', 'percentage'],
    ['percentage = 2.5', 'percentage'],
    ['max_inflight = 0', 'max_inflight'],
    ['timeout = "0s"', 'timeout'],
    ['max_body_bytes = "lots"', 'max_body_bytes'],
    ['strip_headers = ["two words"]', 'strip_headers'],
    ['shadow_header = "X-Shadow:"', 'shadow_header'],
    ['methods = []', 'methods'],
    ['methods = ["get"]', 'a method in capitals, such as "GET"'],
    ['percentags = 5', 'did you mean "percentage"?'],
  ])('is refused with %s', async (mirror, problem) => {
    await expect(startGateway(configOf({ ...parts, mirror }))).rejects.toThrow(problem)
  })

  it('is refused if there is no such service', async () => {
    const config = configOf(parts).replace('service = "next"', 'service = "nxt"')

    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [{ code: 'GW_UNKNOWN_REFERENCE', suggestion: 'next' }],
    })
  })

  it('is refused if the service would mirror itself', async () => {
    const config = configOf(parts).replace('service = "next"', 'service = "shop"')

    await expect(startGateway(config)).rejects.toThrow(
      'services refer to each other in a circle: shop → shop',
    )
  })

  it('is refused if the shadow mirrors back', async () => {
    const config = configOf({ ...parts, shadowKeys: 'mirror {\nservice = "shop"\n}' })

    await expect(startGateway(config)).rejects.toThrow(
      'services refer to each other in a circle: shop → next → shop',
    )
  })
})
