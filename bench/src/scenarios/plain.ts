/**
 * Scenarios of HTTP/1.1 in cleartext.
 *
 * @module
 */
import { browserHeaders, download, echoes, events, get, getForFive, post } from './loads.ts'
import type { Scenario } from './scenario.ts'

const kib = 1024
const mib = 1024 * kib

const everybody = [
  'nginx',
  'haproxy',
  'caddy',
  'undici',
  'node-http',
  'fastify-reply-from',
  'fastify-http-proxy',
  'http-proxy',
  'http-proxy-3',
  'fast-gateway',
]

const cpu = {
  metric: 'cpu',
  gateways: ['gatewright'],
  peers: everybody,
  needs: [],
  routers: 1,
  cores: 1,
} as const satisfies Partial<Scenario>

/** Small requests and answers. */
export const small: readonly Scenario[] = [
  {
    ...cpu,
    name: 'A',
    title: 'GET 1 KiB, 50 connections',
    gateways: ['gatewright', 'gatewright-full', 'gatewright-logged'],
    peers: [...everybody, 'nginx-logged'],
    load: get,
  },
  {
    ...cpu,
    name: 'A256',
    title: 'GET 1 KiB, 256 connections',
    load: { ...get, connections: 256 },
  },
  {
    ...cpu,
    name: 'AC',
    title: 'GET 1 KiB with the 628-byte head of a browser',
    gateways: ['gatewright', 'gatewright-full', 'gatewright-logged'],
    peers: [...everybody, 'nginx-logged'],
    load: { ...get, headers: browserHeaders },
  },
  {
    ...cpu,
    name: 'AO',
    title: 'GET 1 KiB, with what tells of it',
    gateways: [
      'gatewright',
      'gatewright-off',
      'gatewright-debug',
      'gatewright-traced',
      'gatewright-metrics',
      'gatewright-observed',
    ],
    peers: ['nginx', 'nginx-logged'],
    load: get,
  },
  {
    ...cpu,
    name: 'A1000',
    title: 'GET 1 KiB through one of 1,000 routers',
    gateways: ['gatewright', 'gatewright-routers'],
    peers: ['nginx', 'haproxy', 'caddy'],
    routers: 1000,
    load: get,
  },
  {
    ...cpu,
    name: 'A5',
    title: 'GET 1 KiB through five middlewares; one nginx does the same, the other peers have none',
    gateways: ['gatewright', 'gatewright-five'],
    peers: ['nginx', 'nginx-five', 'haproxy'],
    load: getForFive,
  },
  {
    ...cpu,
    name: 'portable',
    title: 'GET 1 KiB with portable input and output',
    gateways: ['gatewright-portable'],
    peers: ['nginx', 'fastify-http-proxy'],
    load: get,
  },
  {
    ...cpu,
    name: 'pipeline',
    title: 'GET 1 KiB with pipelining to the upstream',
    gateways: ['gatewright-pipeline'],
    peers: ['nginx'],
    load: get,
  },
]

/** Bodies. */
export const bodies: readonly Scenario[] = [
  { ...cpu, name: 'B', title: 'POST 10 KiB, 50 connections', load: post(10 * kib, 50) },
  { ...cpu, name: 'C1', title: 'Download of 1 MiB, 8 connections', load: download(mib, 8) },
  { ...cpu, name: 'C64', title: 'Download of 64 MiB, 2 connections', load: download(64 * mib, 2) },
  { ...cpu, name: 'U', title: 'Upload of 64 MiB, 2 connections', load: post(64 * mib, 2) },
]

/** Connections, time and memory. */
export const connections: readonly Scenario[] = [
  {
    ...cpu,
    name: 'G',
    title: 'Latency of GET 1 KiB, one connection',
    metric: 'latency',
    load: { ...get, connections: 1 },
  },
  {
    ...cpu,
    name: 'H',
    title: 'Memory per idle connection, up to 10,000 of them',
    metric: 'memory',
    peers: ['nginx', 'haproxy', 'caddy', 'node-http', 'fastify-http-proxy'],
    load: { ...get, connections: 10_000 },
  },
  {
    ...cpu,
    name: 'K',
    title: 'GET 1 KiB, a new connection for each request',
    load: { ...get, newConnections: true },
  },
]

/** More than one process. */
export const processes: readonly Scenario[] = [
  {
    ...cpu,
    name: 'W',
    title: 'GET 1 KiB with two workers, 100 connections',
    gateways: ['gatewright', 'gatewright-workers'],
    peers: [],
    cores: 2,
    load: { ...get, connections: 100, threads: 2 },
  },
]

const tunnel = {
  ...cpu,
  peers: ['nginx', 'haproxy', 'caddy', 'http-proxy', 'http-proxy-3'],
  needs: ['websocket'],
} as const satisfies Partial<Scenario>

/** WebSocket. */
export const tunnels: readonly Scenario[] = [
  {
    ...tunnel,
    name: 'F',
    title: 'WebSocket, 125 B to the upstream and back, 50 connections',
    load: echoes(125),
  },
  {
    ...tunnel,
    name: 'F16',
    title: 'WebSocket, 16 KiB to the upstream and back, 50 connections',
    load: echoes(16 * kib),
  },
]

/** Streams without an end. */
export const streams: readonly Scenario[] = [
  {
    ...cpu,
    name: 'I',
    title: 'Server-sent events, time of an event on its way, 20 connections',
    metric: 'latency',
    load: events,
  },
  {
    ...cpu,
    name: 'I1',
    title: 'Server-sent events, time from connecting to the first event, one connection',
    metric: 'latency',
    load: { ...events, connections: 1, newConnections: true },
  },
]
