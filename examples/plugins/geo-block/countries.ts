import { type Network, NetworkSet, tryNetwork } from '@gatewright/ip-networks'

/** What country an address is in, by its text; `undefined` if nobody knows. */
export type FindCountry = (address: string) => string | undefined

/** Reads lines like `192.0.2.0/24,DK`. Throws for a line that is none, and names it. */
export function parseCountries(csv: string): FindCountry {
  const networks = new Map<string, Network[]>()
  for (const [index, line] of csv.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [text = '', country = ''] = line.split(',').map((cell) => cell.trim())
    const network = tryNetwork(text)
    if (network === undefined || !/^[A-Z]{2}$/.test(country)) {
      throw new Error(`line ${index + 1}: expected a network and a country, as 192.0.2.0/24,DK`)
    }
    const known = networks.get(country)
    if (known === undefined) networks.set(country, [network])
    else known.push(network)
  }
  const sets = [...networks].map(([country, list]) => ({ country, set: new NetworkSet(list) }))
  return (address) => sets.find(({ set }) => set.has(address))?.country
}
