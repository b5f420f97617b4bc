import { readFile } from 'node:fs/promises'
import { gatewayFile, startGateway } from '@gatewright/testing'
import { expect, it } from 'vitest'
import noSecrets from '../fixtures/no-secrets.ts'
import { speak, startTalker } from '../talk.ts'

it('the plugin of the README does what it says', async () => {
  await using talker = await startTalker()
  const config = gatewayFile(talker.url, 'type = "no-secrets"\n words = ["password"]')
  await using gateway = await startGateway(config, { plugins: [noSecrets] })
  using speaker = await speak(gateway)

  for (const text of ['', 'my password is', 'nothing']) speaker.socket.send(text)

  expect(await speaker.hearText()).toBe('my *** is')
  expect(await speaker.hearText()).toBe('nothing')
  speaker.socket.send(Buffer.from('bytes'))
  expect(await speaker.ended).toEqual({ code: 1003, reason: 'text only' })
})

it('the plugin of the README is this one', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const code = await readFile(new URL('../fixtures/no-secrets.ts', import.meta.url), 'utf8')

  expect(readme).toContain(`\`\`\`ts\n${code}\`\`\`\n`)
})
