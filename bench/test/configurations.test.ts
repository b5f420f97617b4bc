import { describe, expect, it } from 'vitest'
import { renderCaddy } from '../src/peers/caddy.ts'
import { renderGatewright } from '../src/peers/gatewright/configuration.ts'
import { renderHaproxy } from '../src/peers/haproxy.ts'
import { renderNginx } from '../src/peers/nginx.ts'
import type { ProxyTask } from '../src/peers/peer.ts'

const task: ProxyTask = {
  port: 18_080,
  upstreamPort: 18_081,
  folder: '/folder',
  routers: 1,
  bulk: false,
  cores: 1,
  connections: 50,
  needs: [],
}

describe.each([
  { name: 'nginx', render: (t: ProxyTask) => renderNginx(t, 'plain') },
  { name: 'HAProxy', render: renderHaproxy },
  { name: 'Caddy', render: renderCaddy },
  { name: 'Gatewright', render: (t: ProxyTask) => renderGatewright(t) },
])('the configuration of $name', ({ name, render }) => {
  it('listens on the loopback address only and sends to the upstream', () => {
    const text = render(task)

    expect(text).toContain('127.0.0.1')
    expect(text).toContain('18080')
    expect(text).toContain('127.0.0.1:18081')
    expect(text).not.toContain('0.0.0.0')
  })

  it('has every router that is asked for', () => {
    const text = render({ ...task, routers: 3 })

    // HAProxy has its hosts in a file of their own.
    const expected = name === 'HAProxy' ? '/folder/hosts.map' : 'app-2.example.com'
    expect(text).toContain(expected)
  })
})

describe('the configuration of nginx', () => {
  it('has large buffers only where bodies are large', () => {
    expect(renderNginx(task, 'plain')).not.toContain('256k')
    expect(renderNginx({ ...task, bulk: true }, 'plain')).toContain('proxy_buffers 8 256k')
  })

  it('logs as JSON if it has to', () => {
    expect(renderNginx(task, 'plain')).toContain('access_log off')
    expect(renderNginx(task, 'logged')).toContain('buffer=64k')
  })
})

describe('the configuration of nginx with five things to do', () => {
  it.each([
    'deny all',
    'add_header Access-Control-Allow-Origin $allowed_origin',
    'limit_req zone=five',
    'add_header X-Frame-Options DENY',
    'location /api/ { proxy_pass http://app/; }',
  ])('has "%s", and the plain one has not', (directive) => {
    expect(renderNginx(task, 'five')).toContain(directive)
    expect(renderNginx(task, 'plain')).not.toContain(directive)
  })
})

describe('the configuration of nginx for WebSocket', () => {
  it('passes the upgrade on', () => {
    const text = renderNginx({ ...task, needs: ['websocket'] }, 'plain')

    expect(text).toContain('proxy_set_header Connection "upgrade"')
  })
})

describe.each([
  { name: 'nginx', render: (t: ProxyTask) => renderNginx(t, 'plain'), expected: 'grpc_pass grpc:' },
  { name: 'HAProxy', render: renderHaproxy, expected: 'pool-max-conn 1024 proto h2' },
  { name: 'Caddy', render: renderCaddy, expected: 'versions h2c' },
])('the configuration of $name for HTTP/2', ({ render, expected }) => {
  it('speaks it on the side of the upstream only if it has to', () => {
    expect(render({ ...task, needs: ['http2', 'http2-upstream'] })).toContain(expected)
    expect(render({ ...task, needs: ['http2'] })).not.toContain(expected)
  })
})

describe('the configuration of HAProxy', () => {
  it('has room for all connections', () => {
    expect(renderHaproxy({ ...task, connections: 4000 })).toContain('maxconn 4256')
  })
})
