import { describe, expect, it } from 'vitest'
import { HeaderList } from '../src/headers.ts'
import { PushedSource, readAll } from './support/bodies.ts'
import { fakeRequest } from './support/contexts.ts'

describe('the target of a request', () => {
  it.each([
    { target: '/', path: '/', query: '' },
    { target: '/a/b', path: '/a/b', query: '' },
    { target: '/a?b=c', path: '/a', query: '?b=c' },
    { target: '/a?', path: '/a', query: '?' },
    { target: '/a?b?c', path: '/a', query: '?b?c' },
    { target: '/a%3Fb', path: '/a%3Fb', query: '' },
    { target: '*', path: '*', query: '' },
  ])('has a path and a query: $target', ({ target, path, query }) => {
    const request = fakeRequest({ target })

    expect([request.path, request.query]).toEqual([path, query])
  })

  it.each([
    { target: '/api/users?page=2', path: '/users', assigned: '/users?page=2' },
    { target: '/api?', path: '/', assigned: '/?' },
    { target: '/api', path: '/v2', assigned: '/v2' },
  ])('keeps its query when a path is assigned: $target', ({ target, path, assigned }) => {
    const request = fakeRequest({ target })

    request.path = path

    expect(request.target).toBe(assigned)
    expect(request.head.target).toBe(target)
  })

  it('keeps its path when a query is assigned', () => {
    const request = fakeRequest({ target: '/a?b=c' })

    request.query = '?d'
    expect(request.target).toBe('/a?d')

    request.query = ''
    expect([request.target, request.assignedTarget]).toEqual(['/a', '/a'])
  })
})

describe('a request that is changed', () => {
  it('says what was assigned and leaves its head as received', () => {
    const request = fakeRequest({ method: 'GET', authority: 'a.test' })

    expect([request.assignedMethod, request.assignedTarget, request.assignedAuthority]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    request.method = 'POST'
    request.authority = 'b.test'
    request.path = '/x'

    expect([request.assignedMethod, request.assignedTarget, request.assignedAuthority]).toEqual([
      'POST',
      '/x',
      'b.test',
    ])
    expect(request.head).toMatchObject({ method: 'GET', authority: 'a.test', target: '/' })
  })
})

describe('a checkpoint', () => {
  it('restores method, target, authority, headers and body', async () => {
    const request = fakeRequest({
      method: 'PUT',
      target: '/api/x?y=1',
      headers: ['x-a', '1', 'x-a', '2'],
      body: new PushedSource(['one ', 'two']),
    })
    const checkpoint = request.checkpoint(100)
    request.method = 'GET'
    request.path = '/x'
    request.authority = 'b.test'
    request.headers.set('x-a', '3')
    await readAll(request.takeBody())

    checkpoint.restore()

    expect(request).toMatchObject({
      method: 'PUT',
      target: '/api/x?y=1',
      authority: 'app.test',
    })
    expect([...request.headers]).toEqual([
      ['x-a', '1'],
      ['x-a', '2'],
    ])
    expect((await readAll(request.takeBody())).text).toBe('one two')
  })

  it('restores as often as it is asked to', async () => {
    const request = fakeRequest({ body: 'x' })
    const checkpoint = request.checkpoint(100)
    for (let i = 0; i < 3; i++) {
      request.headers.append('via', 'gateway')
      expect((await readAll(request.takeBody())).text).toBe('x')
      expect([...request.headers]).toHaveLength(1)
      checkpoint.restore()
    }
  })

  it('restores what was assigned before it was taken', () => {
    const request = fakeRequest({ target: '/api/x' })
    request.path = '/x'
    const checkpoint = request.checkpoint(0)
    request.path = '/y'

    checkpoint.restore()

    expect(request.target).toBe('/x')
  })

  it('restores headers that were replaced as a whole', () => {
    const request = fakeRequest({ headers: ['a', '1'] })
    const checkpoint = request.checkpoint(0)
    request.headers = new HeaderList(['b', '2'])

    checkpoint.restore()

    expect([...request.headers]).toEqual([['a', '1']])
  })

  it('restores a body of which half was read', async () => {
    const source = new PushedSource(['one '], 'open')
    const request = fakeRequest({ body: source })
    const checkpoint = request.checkpoint(100)
    const half = request.takeBody()
    half?.start({ write: () => true, end: () => undefined, fail: () => undefined })
    half?.cancel()

    checkpoint.restore()
    const whole = readAll(request.takeBody())
    source.push('two')
    source.end()

    expect((await whole).text).toBe('one two')
  })

  it('restores a body that was read as a stream', async () => {
    const request = fakeRequest({ body: new PushedSource(['one ', 'two']) })
    const checkpoint = request.checkpoint(100)
    const { body } = request
    if (body === null || typeof body === 'string' || body instanceof Uint8Array) expect.fail()
    await body.toArray()

    checkpoint.restore()

    expect((await readAll(request.takeBody())).text).toBe('one two')
  })

  it('says when too much was read to restore it', async () => {
    const request = fakeRequest({ body: new PushedSource(['12345', '6']) })
    const checkpoint = request.checkpoint(5)
    expect(checkpoint.restorable).toBe(true)

    await readAll(request.takeBody())

    expect(checkpoint.restorable).toBe(false)
  })

  it('is always restorable without a body', () => {
    const request = fakeRequest()
    const checkpoint = request.checkpoint(0)

    checkpoint.restore()

    expect(checkpoint.restorable).toBe(true)
    expect(request.hasBody).toBe(false)
  })

  it('nests', async () => {
    const request = fakeRequest({ target: '/a', body: new PushedSource(['one ', 'two']) })
    const outer = request.checkpoint(100)
    request.path = '/b'
    const inner = request.checkpoint(100)
    request.path = '/c'
    await readAll(request.takeBody())
    inner.restore()
    expect(request.path).toBe('/b')
    await readAll(request.takeBody())

    outer.restore()

    expect(request.path).toBe('/a')
    expect((await readAll(request.takeBody())).text).toBe('one two')
  })

  it('keeps the length of the body in sight', () => {
    const source = new PushedSource(['four'], 'end', { length: 4 })
    const request = fakeRequest({ body: source })

    request.checkpoint(100)

    expect([request.hasBody, request.bodyLength]).toEqual([true, 4])
  })
})
