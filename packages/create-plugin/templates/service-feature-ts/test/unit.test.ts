import { mountServiceFeature } from '@gatewright/testing'
import { expect, it } from 'vitest'
import { feature } from '../src/feature.ts'

it('names the server that has answered', async () => {
  await using mounted = await mountServiceFeature(feature, {}, { servers: ['a'] })

  const response = await mounted.send()

  expect(response.headers['x-served-by']).toBe('a')
})

it('uses the header of the options', async () => {
  await using mounted = await mountServiceFeature(feature, { header: 'x-server' })

  const response = await mounted.send()

  expect(response.headers['x-server']).toMatch(/^[ab]$/)
})
