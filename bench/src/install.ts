import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { runToEnd } from './process/child.ts'
import { tryFindProgram } from './process/program.ts'

/** Programs from Debian and the packages that have them. */
const packages: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  caddy: 'caddy',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  taskset: 'util-linux',
  openssl: 'openssl',
}
const policy = '/usr/sbin/policy-rc.d'
const installMs = 600_000

/** Installs what is missing with apt-get. Throws if it fails or this is not root. */
export async function installTools(say: (line: string) => void): Promise<void> {
  const missing = Object.keys(packages).filter((name) => tryFindProgram(name) === undefined)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) throw new Error('--install: only root can install packages')
  const names = missing.flatMap((name) => packages[name] ?? [])
  say(`installing ${names.join(', ')}`)
  const quiet = await preventServices()
  try {
    await aptGet('update', '-qq')
    await aptGet('install', '-y', '-qq', '--no-install-recommends', ...names)
  } finally {
    if (quiet) await rm(policy, { force: true })
  }
}

/** Debian starts the services that it installs unless this script says no. */
async function preventServices(): Promise<boolean> {
  if (existsSync(policy)) return false
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  return true
}

async function aptGet(...args: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const { code, stderr } = await runToEnd({ file: 'apt-get', args, env }, installMs)
  if (code !== 0) throw new Error(`apt-get ${args[0]} failed: ${stderr.trim()}`)
}
