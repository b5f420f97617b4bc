import { pino } from 'pino'
import { expect, it, vi } from 'vitest'
import { LogLevels } from '../src/log-levels.ts'

it('a level holds for all logs that were made of one, and for those to come', () => {
  const log = pino({ level: 'info' })
  const levels = new LogLevels(log)
  const before = log.child({ a: 1 }).child({ b: 1 })

  levels.use('debug')
  const after = log.child({ c: 1 })

  expect([log.level, before.level, after.level]).toEqual(['debug', 'debug', 'debug'])
  levels.use(undefined)
  expect([log.level, before.level, after.level]).toEqual(['info', 'info', 'info'])
})

it('a log that is to say something else goes on with that, and whoever else listens still hears', () => {
  const onChild = vi.fn<(child: unknown) => void>()
  const log = pino({ level: 'info', onChild })
  const levels = new LogLevels(log)
  const silent = log.child({}, { level: 'silent' })

  levels.use('debug')

  expect(silent.level).toBe('silent')
  expect(onChild).toHaveBeenCalledTimes(1)
})
