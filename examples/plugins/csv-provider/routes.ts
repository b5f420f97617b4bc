import type { GatewayConfigInput } from '@gatewright/kernel'

/** A router and a service for each host of lines like `shop.example.com,http://10.0.0.1`. */
export function parseRoutes(csv: string): GatewayConfigInput {
  const hosts = new Map<string, { url: string }[]>()
  for (const [index, line] of csv.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [host = '', url = ''] = line.split(',').map((cell) => cell.trim())
    if (!/^[a-z0-9.-]+$/.test(host) || !URL.canParse(url)) {
      throw new Error(`line ${index + 1}: expected a host and a URL, as shop.test,http://10.0.0.1`)
    }
    const known = hosts.get(host)
    if (known === undefined) hosts.set(host, [{ url }])
    else known.push({ url })
  }
  const routers: Record<string, object> = {}
  const services: Record<string, object> = {}
  for (const [host, servers] of hosts) {
    const name = `csv-${host.replaceAll('.', '-')}`
    routers[name] = { rule: `Host(\`${host}\`)`, service: name }
    services[name] = { load_balancer: { servers } }
  }
  return { routers, services }
}
