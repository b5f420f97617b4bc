/**
 * A gateway inside of a program, without the command and without a configuration file.
 *
 *   LISTEN=127.0.0.1:8080 SERVER=http://127.0.0.1:8001 node gateway.ts
 *
 * @module
 */
import { Gateway, type GatewayConfigInput } from '@gatewright/kernel'
import http from '@gatewright/plugin-http'
import loadBalancer from '@gatewright/plugin-load-balancer'
import router from '@gatewright/plugin-router'
import stripPrefix from '@gatewright/plugin-strip-prefix'

const { LISTEN = '127.0.0.1:8080', SERVER = 'http://127.0.0.1:8001' } = process.env

const gateway = new Gateway().use(http).use(router).use(loadBalancer).use(stripPrefix)
await gateway.start(configure('/api'))
console.log(`listening on ${gateway.addresses.get('web')?.port}`)

process.on('SIGHUP', () => void move())
process.once('SIGTERM', () => void gateway.shutdown())

/** The same application under another path; requests that are running notice nothing. */
async function move(): Promise<void> {
  const { version } = await gateway.reload(configure('/v2'))
  console.log(`running configuration ${version}`)
}

function configure(prefix: string): GatewayConfigInput {
  return {
    entrypoints: { web: { address: LISTEN } },
    routers: {
      app: { rule: `PathPrefix(\`${prefix}\`)`, service: 'app', middlewares: ['bare'] },
    },
    middlewares: { bare: { type: 'strip-prefix', prefixes: [prefix] } },
    services: { app: { load_balancer: { servers: [{ url: SERVER }] } } },
  }
}
