import { describe, expect, it } from 'vitest'
import { KeptResources } from '../src/resources.ts'

describe('a kept resource', () => {
  it('is shared by key and disposed with its last holder', async () => {
    const resources = new KeptResources(unexpected)
    const made: Resource[] = []
    const create = (): Resource => {
      const resource = new Resource()
      made.push(resource)
      return resource
    }

    expect(resources.hold('a', create)).toBe(resources.hold('a', create))
    expect(resources.hold('b', create)).not.toBe(made[0])
    await resources.release('a')
    expect(made.map(({ disposed }) => disposed)).toEqual([0, 0])
    await resources.release('a')
    await resources.release('a')

    expect(made.map(({ disposed }) => disposed)).toEqual([1, 0])
    expect(resources.size).toBe(1)
  })

  it('is made anew after it was disposed', async () => {
    const resources = new KeptResources(unexpected)
    const first = resources.hold('a', () => new Resource())
    await resources.release('a')

    expect(resources.hold('a', () => new Resource())).not.toBe(first)
  })

  it('may take its time to be disposed', async () => {
    const resources = new KeptResources(unexpected)
    let disposed = false
    resources.hold('a', () => ({
      [Symbol.asyncDispose]: async () => {
        await new Promise(setImmediate)
        disposed = true
      },
    }))

    await resources.release('a')

    expect(disposed).toBe(true)
  })

  it('is told of if it cannot be disposed', async () => {
    const failures: string[] = []
    const resources = new KeptResources((key, problem) => failures.push(`${key}: ${problem}`))
    resources.hold('a', () => ({
      [Symbol.dispose]: () => {
        throw new Error('boom')
      },
    }))
    resources.hold('b', () => ({ [Symbol.asyncDispose]: () => Promise.reject(new Error('bang')) }))

    await resources.release('a')
    await resources.release('b')

    expect(failures).toEqual(['a: boom', 'b: bang'])
    expect(resources.size).toBe(0)
  })

  it('is not held if it cannot be made', () => {
    const resources = new KeptResources(unexpected)

    expect(() =>
      resources.hold('a', () => {
        throw new Error('boom')
      }),
    ).toThrow('boom')
    expect(resources.size).toBe(0)
  })
})

class Resource implements Disposable {
  disposed = 0;

  [Symbol.dispose](): void {
    this.disposed++
  }
}

function unexpected(key: string, problem: string): never {
  throw new Error(`${key}: ${problem}`)
}
