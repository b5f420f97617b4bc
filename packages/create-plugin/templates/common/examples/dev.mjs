// The example services, and in front of them a gateway that follows what you change, until Ctrl+C.
import { spawn } from 'node:child_process'
import { otherUrl, url } from './upstream.mjs'

const gateway = spawn('gatewright', ['dev', 'examples/gateway.hcl'], {
  env: { SERVER: url, OTHER_SERVER: otherUrl, ...process.env },
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
// Ctrl+C reaches the gateway from the terminal, and this ends with it.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => gateway.kill('SIGTERM'))
gateway.on('error', (error) => console.error(`gatewright did not start: ${error.message}`))
gateway.on('close', (code) => process.exit(code ?? 1))
