/**
 * A gateway with a management listener, and those who ask it.
 */
import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  type RawResponse,
  type RequestInit,
  request,
  type StartOptions,
  startGateway,
  type TestGateway,
} from '@gatewright/testing'

export const readToken = 'read-read-read-read'
export const adminToken = 'admin-admin-admin-admin'
export const jsonBody = { method: 'POST', headers: { 'content-type': 'application/json' } }

/** What is different from a plain configuration. */
export interface Extra extends Pick<StartOptions, 'reload'> {
  readonly server?: string
  /** Where it listens. */
  readonly address?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly token?: string
  readonly adminToken?: string
  /** Further keys of the block. */
  readonly management?: string
  /** Further blocks. */
  readonly blocks?: string
}

export function start(extra: Extra = {}): Promise<TestGateway> {
  const { reload, env = {} } = extra
  return startGateway(hclOf(extra), { env, ...(reload !== undefined && { reload }) })
}

export function hclOf({
  server = 'http://127.0.0.1:1',
  blocks = '',
  management = '',
  address = '127.0.0.1:0',
  ...tokens
}: Extra): string {
  const { token, adminToken: admin } = tokens
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    management {
      address = "${address}"
      ${token === undefined ? '' : `token = "${token}"`}
      ${admin === undefined ? '' : `admin_token = "${admin}"`}
      ${management}
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "app"
      middlewares = ["tag"]
    }
    middlewares "tag" {
      type            = "headers"
      request_headers = { x-tag = "1" }
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${server}" }]
      }
    }
    ${blocks}`
}

export function ask(gateway: TestGateway, path: string, init?: RequestInit): Promise<RawResponse> {
  return request(`${gateway.url('management')}/api/gateway${path}`, init)
}

export async function json(gateway: TestGateway, path: string): Promise<unknown> {
  return JSON.parse((await ask(gateway, path)).text)
}

export function bearer(token: string): { headers: { authorization: string } } {
  return { headers: { authorization: `Bearer ${token}` } }
}

export function one(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined
}

export async function askFrom(
  localAddress: string,
  port: number,
  path: string,
  token: string,
): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const { headers } = bearer(token)
  httpRequest(
    { host: '127.0.0.1', localAddress, port, path, headers, agent: false },
    (response) => {
      void text(response).then(() => resolve(response.statusCode), reject)
    },
  )
    .on('error', reject)
    .end()
  return promise
}
