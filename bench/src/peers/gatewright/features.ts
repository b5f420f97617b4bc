import type { Feature, ProxyTask } from '../peer.ts'
import type { Extras } from './configuration.ts'

/** What has to be added to a configuration for what a task needs. */
export function extrasOf({ needs, certificate }: ProxyTask): Extras {
  const entrypoint: string[] = []
  if (certificate !== undefined) {
    const { certificate: file, key } = certificate
    entrypoint.push(`tls {\ncert_file = "${file}"\nkey_file = "${key}"\n}`)
  }
  if (needs.includes('http2')) {
    entrypoint.push(`http {\n${certificate === undefined ? 'h2c' : 'h2'} = true\n}`)
  }
  return { entrypoint: entrypoint.join('\n'), upstreamScheme: schemeOf(needs) }
}

function schemeOf(needs: readonly Feature[]): string {
  return needs.includes('http2-upstream') ? 'h2c' : 'http'
}
