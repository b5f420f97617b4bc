#!/usr/bin/env node
// Plain JavaScript that Node 18 can parse: the program itself needs a newer one and cannot say so.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 24 || (major === 24 && minor >= 11)) {
  // Only a checkout has sources, and there the build may be old or missing.
  const source = new URL('../src/main.ts', import.meta.url)
  await import(existsSync(source) ? source.href : '../dist/main.js')
} else {
  console.error(
    `create-gatewright-plugin: needs Node 24.11 or newer, found ${process.versions.node}; install Node 24 and try again`,
  )
  process.exitCode = 1
}
