/**
 * Sees to it that the servers of others are there which tests of the project `servers` start. Runs
 * once before them. Whatever is missing is installed where that is possible, which is where CI
 * runs; elsewhere the tests fail with a message, because those that quietly do not run prove
 * nothing.
 *
 * @module
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './command.ts'

/** Programs, and the Debian packages that bring them. */
const packages: Readonly<Record<string, string>> = {
  curl: 'curl',
  h2load: 'nghttp2-client',
  nghttp: 'nghttp2-client',
  nghttpd: 'nghttp2-server',
  nginx: 'nginx',
  openssl: 'openssl',
  promtool: 'prometheus',
  'redis-server': 'redis-server',
}

/** Called by vitest. */
export async function setup(): Promise<void> {
  const missing = Object.keys(packages).filter((program) => !isInstalled(program))
  if (missing.length === 0) return
  const names = missing.map((program) => packages[program] ?? program)
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    // The tests themselves fail then; those that need nothing must run all the same.
    console.error(`tests of servers need ${names.join(', ')}: "apt-get install" them`)
    return
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update'], { env })
  await run('apt-get', ['install', '--yes', '--no-install-recommends', ...names], { env })
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
