/**
 * Scenarios of HTTP/1.1 over TLS.
 *
 * @module
 */
import { download, get } from './loads.ts'
import type { Scenario } from './scenario.ts'

const tls = {
  metric: 'cpu',
  gateways: ['gatewright'],
  peers: ['nginx', 'haproxy', 'caddy', 'node-https'],
  needs: ['tls'],
  routers: 1,
} as const satisfies Partial<Scenario>

/** Small answers, large ones, and handshakes. */
export const encrypted: readonly Scenario[] = [
  {
    ...tls,
    name: 'D',
    title: 'TLS, GET 1 KiB, 50 connections',
    load: { ...get, encrypted: true },
  },
  {
    ...tls,
    name: 'D1',
    title: 'TLS, download of 1 MiB, 8 connections',
    load: { ...download(1024 * 1024, 8), encrypted: true },
  },
  {
    ...tls,
    name: 'DH',
    title: 'TLS, GET 1 KiB, a resumed handshake for each request',
    load: { ...get, connections: 16, encrypted: true, newConnections: true },
  },
]
