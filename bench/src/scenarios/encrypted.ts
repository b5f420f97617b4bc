/**
 * Scenarios over TLS, and all of HTTP/2.
 *
 * @module
 */
import { calls, download, get, http2 } from './loads.ts'
import type { Scenario } from './scenario.ts'

const tls = {
  metric: 'cpu',
  gateways: ['gatewright'],
  peers: ['nginx', 'haproxy', 'caddy', 'node-https'],
  needs: ['tls'],
  routers: 1,
  cores: 1,
} as const satisfies Partial<Scenario>

/** Small answers, large ones, handshakes, and HTTP/2. */
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
  {
    ...tls,
    name: 'E',
    gateways: ['gatewright', 'gatewright-pipeline'],
    title: 'HTTP/2 in, HTTP/1.1 out, GET 1 KiB, 10 connections with 10 streams each',
    peers: ['nginx', 'haproxy', 'caddy', 'node-http2'],
    needs: ['tls', 'http2'],
    load: http2,
  },
  {
    ...tls,
    name: 'EE',
    title: 'HTTP/2 in and out in cleartext, unary calls, 10 connections with 10 streams each',
    peers: ['nginx', 'haproxy', 'caddy', 'node-http2-both'],
    needs: ['http2', 'http2-upstream'],
    load: calls,
  },
]
