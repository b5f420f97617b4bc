import { type Network, NetworkMap, tryNetwork } from '@gatewright/ip-networks'

/** Reads lines like `192.0.2.0/24,DK`. Throws for a line that is none, and names it. */
export function parseCountries(csv: string): NetworkMap<string> {
  const entries: [network: Network, country: string][] = []
  for (const [index, line] of csv.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [text = '', country = ''] = line.split(',').map((cell) => cell.trim())
    const network = tryNetwork(text)
    if (network === undefined || !/^[A-Z]{2}$/.test(country)) {
      throw new Error(`line ${index + 1}: expected a network and a country, as 192.0.2.0/24,DK`)
    }
    entries.push([network, country])
  }
  return new NetworkMap(entries)
}
