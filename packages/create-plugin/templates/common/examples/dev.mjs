// `npm run dev`: the example service, and the gateway in front of it, until Ctrl+C.
import { spawn } from 'node:child_process'
import { url } from './upstream.mjs'

const gateway = spawn('gatewright', ['--config', 'examples/gateway.hcl'], {
  env: { SERVER: url, ...process.env },
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => gateway.kill(signal))
gateway.on('error', (error) => console.error(`gatewright did not start: ${error.message}`))
gateway.on('close', (code) => process.exit(code ?? 1))
