#!/usr/bin/env node
/**
 * Sets the checkout up if needed and runs one of its programs on the pinned Node.
 *
 *   node scripts/bootstrap.mjs <file> [arguments]   runs <file>, a path from the root
 *   node scripts/bootstrap.mjs --print-node         prints the Node that programs run on
 *
 * It is the first thing that runs in a fresh clone, on whatever Node the machine has. So it is plain
 * JavaScript that Node 18 can parse, has no dependency, and talks on stderr only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
/** Written after an install: the chosen Node, then the hash of what was installed. */
const stampFile = join(modules, '.gatewright-install')
const lockFile = join(root, '.gatewright-install.lock')
const pinnedNode = join('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
const isAtTerminal = isatty(0) && isatty(2)
const installCommand = ['npx', '-y', 'pnpm@12', 'install', '--frozen-lockfile']

const [file, ...rest] = process.argv.slice(2)
if (file === undefined) fail('usage: node scripts/bootstrap.mjs <file> [arguments]')
const node = await setUp()
if (file === '--print-node') {
  console.log(node)
} else {
  await run(node, [join(root, file), ...rest])
}

/** Installs unless that was done for the present lockfile and manifests; returns the Node to use. */
async function setUp() {
  const unlock = readStamp() === undefined ? await lock() : () => {}
  let failed
  try {
    // Whoever held the lock before may have done the work.
    const installed = readStamp()
    if (installed !== undefined) return installed
    failed = await install()
    if (failed === undefined) return writeStamp(chooseNode())
  } finally {
    unlock()
  }
  return mirror(failed)
}

function readStamp() {
  if (!fs.existsSync(stampFile)) return undefined
  const [recorded, hash] = fs.readFileSync(stampFile, 'utf8').split('\n')
  const path = join(recorded.startsWith('/') ? '' : root, recorded)
  return hash === hashManifests() && fs.existsSync(path) ? path : undefined
}

function writeStamp(path) {
  const recorded = path === join(root, pinnedNode) ? pinnedNode : path
  fs.writeFileSync(stampFile, `${recorded}\n${hashManifests()}\n`)
  return path
}

function hashManifests() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`)
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...workspaceManifests()]
  for (const name of files) hash.update(name).update(fs.readFileSync(join(root, name)))
  return hash.digest('hex')
}

/** Manifests of the root and of the folders that `packages:` in pnpm-workspace.yaml names. */
function workspaceManifests() {
  const yaml = fs.readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const [, list = ''] = /^packages:\n((?: +- .*\n)+)/m.exec(yaml) ?? []
  const folders = list.split('\n').flatMap((line) => {
    const glob = line.replace(/^ +- /, '').replace(/['"]/g, '')
    if (!glob.endsWith('/*')) return [glob]
    const parent = glob.slice(0, -2)
    if (!fs.existsSync(join(root, parent))) return []
    return fs.readdirSync(join(root, parent)).map((name) => join(parent, name))
  })
  const manifests = new Set(folders.map((folder) => join(folder, 'package.json')))
  return [...manifests].filter((name) => fs.existsSync(join(root, name))).sort()
}

/** Returns how it ended if it failed. */
async function install() {
  if (!isAtTerminal) say('installing dependencies')
  const started = Date.now()
  // With NODE_ENV=production the tools would be left out.
  const { NODE_ENV: _, ...env } = process.env
  const result = await wait(installCommand[0], installCommand.slice(1), {
    cwd: root,
    env,
    stdio: isAtTerminal ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'],
  })
  if (result.code === 0) {
    if (!isAtTerminal) say(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s`)
    return undefined
  }
  process.stderr.write(result.output)
  say(`"${installCommand.join(' ')}" failed: ${result.reason}`)
  return result
}

/** The Node that the lockfile brings, else the one this runs on, if it is new enough. */
function chooseNode() {
  const pinned = join(root, pinnedNode)
  // The package may be there without working, as on a system with another C library.
  if (spawnSync(pinned, ['--version']).status === 0) return pinned
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 11)) return process.execPath
  return fail(
    `needs Node 24.11 or newer, found ${process.versions.node}, and the packages bring none for ` +
      `${process.platform} on ${process.arch}; put a newer node first on the PATH`,
  )
}

/** Waits until no other process installs into this checkout; returns what ends the turn. */
async function lock() {
  for (let waiting = false; ; waiting = true) {
    try {
      fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
      const unlock = () => {
        process.off('exit', unlock)
        fs.rmSync(lockFile, { force: true })
      }
      process.once('exit', unlock)
      return unlock
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isHeld()) fs.rmSync(lockFile, { force: true })
    else if (!waiting) say('another process is installing, waiting for it')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** False if the process that took the lock has died, or has had it for longer than any install. */
function isHeld() {
  try {
    const age = Date.now() - fs.statSync(lockFile).mtimeMs
    const owner = Number(fs.readFileSync(lockFile, 'utf8'))
    process.kill(owner, 0)
    return age < 15 * 60_000
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/**
 * Becomes `node args` where it can. At a terminal it stays as the parent: Ctrl+C reaches the program
 * from there, and the one that npm sends on ends here, as many programs give up on the second.
 */
async function run(path, args) {
  const PATH = [join(modules, '.bin'), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH }
  if (process.execve && !isAtTerminal) process.execve(path, [path, ...args], env)
  await mirror(await wait(path, args, { env, stdio: 'inherit' }))
}

/** Runs a program to its end and hands signals on to it. */
function wait(command, args, options) {
  const child = spawn(command, args, options)
  const output = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => output.push(data))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !isAtTerminal) child.kill(signal)
    })
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, reason: error.message, output: '' }))
    child.once('close', (code, signal) => {
      resolve({
        code,
        signal,
        reason: signal ?? `exit code ${code}`,
        output: Buffer.concat(output),
      })
    })
  })
}

/** Ends this process the way the child ended; never returns. */
function mirror({ code, signal }) {
  if (!signal) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  return new Promise(() => {})
}

function say(text) {
  process.stderr.write(`gatewright: ${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(1)
}
