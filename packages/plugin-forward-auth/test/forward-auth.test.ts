import { consumerKey } from '@gatewright/identity'
import {
  after,
  closeAfterHead,
  closeBeforeResponse,
  deadUrl,
  hang,
  malformed,
  mountMiddleware,
  reply,
  startUpstream,
} from '@gatewright/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { forwardAuth } from '../src/index.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('forward-auth', () => {
  it('tells the upstream what the answer says, in place of what the client said', async () => {
    const answer = reply(200, [
      ['X-User-Id', '7'],
      ['X-Groups', 'a'],
      ['X-Groups', 'b'],
      ['X-Other', 'secret'],
    ])
    await using authServer = await startUpstream(answer)
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      forward_auth_response_headers: ['X-User-Id', 'X-Groups', 'X-Admin'],
      consumer_header: 'X-User-Id',
    })
    const headers = { 'x-user-id': '1', X_User_Id: '1', 'x-admin': '1' }

    const response = await mounted.send({ headers })

    const [request] = mounted.upstream.requests
    expect(request?.headerValues('x-user-id')).toEqual(['7'])
    expect(request?.headerValues('x-groups')).toEqual(['a', 'b'])
    for (const name of ['x_user_id', 'x-admin', 'x-other']) {
      expect(request?.headers).not.toHaveProperty(name)
    }
    expect(authServer.requests[0]?.headers).not.toHaveProperty('x-admin')
    expect(response.ctx.get(consumerKey)?.name).toBe('7')
  })

  it('takes fields by a pattern, of the whole name, from the answer only', async () => {
    const answer = reply(200, { 'X-Auth-User': '7', 'Not-X-Auth-User': '8', 'X-Auth-': '9' })
    await using authServer = await startUpstream(answer)
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      forward_auth_response_headers_regex: 'x-auth-.+',
    })
    const long = `x-auth-${'a'.repeat(200)}`

    await mounted.send({ headers: { 'x-auth-admin': '1', X_Auth_Admin: '1', [long]: '1' } })

    const seen = mounted.upstream.requests[0]?.headers
    expect(seen).toMatchObject({ 'x-auth-user': '7' })
    for (const name of ['x-auth-admin', 'x_auth_admin', long, 'not-x-auth-user', 'x-auth-']) {
      expect(seen).not.toHaveProperty(name)
    }
  })

  it('decides about names that would keep a backtracking engine busy for hours', async () => {
    await using authServer = await startUpstream(reply(200, { 'X-a-id': '7' }))
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      forward_auth_response_headers_regex: 'x-([ab]|[a-z])*-id',
    })
    const name = `x-${'a'.repeat(64)}!`

    const response = await mounted.send({ headers: { [name]: '1', 'x-b-id': '8' } })

    expect(response.status).toBe(200)
    const seen = mounted.upstream.requests[0]?.headers
    expect(seen).toMatchObject({ [name]: '1', 'x-a-id': '7' })
    expect(seen).not.toHaveProperty('x-b-id')
  })

  it.each([
    { status: 401, fields: { 'www-authenticate': 'Basic realm="x"', 'content-type': 'text/html' } },
    { status: 403, fields: { 'x-reason': 'because' } },
    { status: 302, fields: { location: 'https://login.example/?next=%2F' } },
    { status: 500, fields: {} },
  ])('passes on an answer of $status with its fields and its body', async ({ status, fields }) => {
    await using authServer = await startUpstream(reply(status, fields, 'no'))
    await using mounted = await mountMiddleware(forwardAuth, { forward_auth_url: authServer.url })

    const response = await mounted.send({})

    expect(response.status).toBe(status)
    expect(response.headers).toMatchObject(fields)
    expect(response.text).toBe('no')
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('passes on the cookies of a refusal, but nothing that concerns the connection', async () => {
    const answer = reply(401, [
      ['Set-Cookie', 'a=1; Path=/'],
      ['Set-Cookie', 'b=2'],
      ['Connection', 'x-once, keep-alive'],
      ['X-Once', '1'],
      ['Keep-Alive', 'timeout=5'],
    ])
    await using authServer = await startUpstream(answer)
    await using mounted = await mountMiddleware(forwardAuth, { forward_auth_url: authServer.url })

    const response = await mounted.send({})

    expect(response.headerValues('set-cookie')).toEqual(['a=1; Path=/', 'b=2'])
    expect(response.headers).not.toHaveProperty('x-once')
    expect(response.headers).not.toHaveProperty('keep-alive')
  })

  it('gives the client the listed cookies of an answer that lets it pass', async () => {
    const answer = reply(200, [
      ['Set-Cookie', 'session=new; HttpOnly'],
      ['Set-Cookie', 'internal=1'],
    ])
    await using authServer = await startUpstream(answer)
    await using mounted = await mountMiddleware(
      forwardAuth,
      { forward_auth_url: authServer.url, add_auth_cookies_to_response: ['session'] },
      { upstream: { status: 200, headers: { 'set-cookie': 'theme=dark' } } },
    )

    const response = await mounted.send({})

    expect(response.headerValues('set-cookie')).toEqual(['theme=dark', 'session=new; HttpOnly'])
  })

  it.each([
    { what: 'closes the connection', answer: closeBeforeResponse() },
    { what: 'breaks off its answer', answer: closeAfterHead() },
    { what: 'speaks no HTTP', answer: malformed('status-line') },
    { what: 'says too much', answer: reply(200, {}, 'x'.repeat(2000)) },
    { what: 'does not answer', answer: hang() },
  ])('answers 502 when the auth server $what', async ({ answer }) => {
    await using authServer = await startUpstream(answer)
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      max_response_bytes: 1000,
      timeout: '250ms',
    })

    const response = await mounted.send({})

    expect(response.status).toBe(502)
    expect(JSON.parse(response.text)).toMatchObject({
      code: 'GW_FORWARD_AUTH_UNAVAILABLE',
      error: 'Auth service unavailable',
    })
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('waits as long as it is told to, and has the gateway wait as long', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    using timeout = vi.spyOn(AbortSignal, 'timeout')
    const waiting = new AbortController()
    timeout.mockReturnValue(waiting.signal)
    await using authServer = await startUpstream(hang())
    const options = { forward_auth_url: authServer.url, timeout: '60s', fail_open: true }
    await using mounted = await mountMiddleware(forwardAuth, options)

    const pending = mounted.send({})
    await authServer.nextHead()
    await vi.advanceTimersByTimeAsync(59_000)
    waiting.abort(new DOMException('', 'TimeoutError'))
    const response = await pending

    expect(response.status).toBe(200)
    expect(timeout).toHaveBeenCalledWith(60_000)
  })

  it('tells the log who does not answer, but no query', async () => {
    const url = new URL('/verify?token=hunter3', await deadUrl())
    await using mounted = await mountMiddleware(forwardAuth, { forward_auth_url: url.href })

    const { error } = await mounted.send({})

    const told = JSON.stringify(mounted.logs.entries) + String(error?.message)
    expect(told).toContain(`${url.host}/verify`)
    expect(told).not.toContain('hunter3')
  })

  it('refuses a password in the URL, which the client would overwrite, and does not tell it', async () => {
    const forward_auth_url = 'http://user:hunter2@127.0.0.1/verify'

    const mounting = mountMiddleware(forwardAuth, { forward_auth_url })

    const problems = [{ code: 'GW_FORWARD_AUTH_URL', path: ['forward_auth_url'] }]
    await expect(mounting).rejects.toMatchObject({ problems })
    await expect(mounting).rejects.not.toThrow('hunter2')
  })

  it('says of a URL that is none what it wants', async () => {
    const forward_auth_url = 'http://127.0.0.1:99999/verify'

    const mounting = mountMiddleware(forwardAuth, { forward_auth_url })

    const problems = [{ code: 'GW_FORWARD_AUTH_BAD_URL', path: ['forward_auth_url'] }]
    await expect(mounting).rejects.toMatchObject({ problems })
    await expect(mounting).rejects.toThrow('a port up to 65535')
  })

  it('answers with the chosen status when the auth server cannot be reached', async () => {
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: await deadUrl(),
      on_error_status: 503,
    })

    const response = await mounted.send({})

    expect(response.status).toBe(503)
  })

  it('lets requests pass without an answer only if told to, still without made up fields', async () => {
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: await deadUrl(),
      forward_auth_response_headers: ['X-User'],
      fail_open: true,
    })

    const response = await mounted.send({ headers: { 'x-user': 'admin' } })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.headers).not.toHaveProperty('x-user')
    expect(mounted.logs.find({ passed: true })).toHaveLength(1)
  })

  it('lets requests pass in a dry run and says what it would have done', async () => {
    await using authServer = await startUpstream(reply(403))
    const options = { forward_auth_url: authServer.url }
    await using mounted = await mountMiddleware(forwardAuth, options, { dryRun: true })

    const response = await mounted.send({})

    expect(response.status).toBe(200)
    expect(mounted.logs.find({ status: 403 })).toHaveLength(1)
  })

  it('asks again when a connection that was used before had been closed', async () => {
    await using authServer = await startUpstream([reply(200), closeBeforeResponse(), reply(200)])
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      max_connections: 1,
    })

    const responses = [await mounted.send({}), await mounted.send({})]

    expect(responses.map(({ status }) => status)).toEqual([200, 200])
    expect(authServer.requests.map(({ connection }) => connection)).toEqual([1, 1, 2])
  })

  it('uses its connections again, and no more than it may', async () => {
    await using authServer = await startUpstream(after(() => Promise.resolve(), reply(200)))
    await using mounted = await mountMiddleware(forwardAuth, {
      forward_auth_url: authServer.url,
      max_connections: 2,
    })

    await Promise.all(Array.from({ length: 8 }, () => mounted.send({})))

    const connections = new Set(authServer.requests.map(({ connection }) => connection))
    expect(authServer.requests).toHaveLength(8)
    expect(connections.size).toBeLessThanOrEqual(2)
  })

  it('stops asking when the client goes away', async () => {
    await using authServer = await startUpstream(hang())
    await using mounted = await mountMiddleware(forwardAuth, { forward_auth_url: authServer.url })
    const client = new AbortController()
    const sending = mounted.send({ signal: client.signal })
    await expect.poll(() => authServer.requests.length).toBe(1)

    client.abort()
    const response = await sending

    expect(response.status).toBe(499)
    await authServer.requests[0]?.gone
    expect(mounted.upstream.requests).toHaveLength(0)
  })
})
