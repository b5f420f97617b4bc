import { request } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder } from './cli.ts'

const config = (more = ''): string => `
plugins "greeter" {
  source = "./greeter.js"
}

entrypoints "web" {
  address = "127.0.0.1:0"
}

routers "all" {
  rule        = "PathPrefix(\`/\`)"
  service     = "nobody"
  middlewares = ["greet"]
}

middlewares "greet" {
  type = "greet"
${more}
}

services "nobody" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:1" }]
  }
}
`

const greeter = (text: string): string => `

import { word } from './word.js'

export default {
  name: 'greeter',
  setup(gateway) {
    gateway.middlewares.register({
      type: 'greet',
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: { louder: { type: 'boolean', default: false, description: 'How loud.' } },
      },
      create: ({ louder }) => ({
        onResponse: (_, response) =>
          response.headers.set('x-greeting', '${text} ' + word + (louder ? '!' : '')),
      }),
    })
  },
}
`

describe('dev', () => {
  it('follows plugins, what they import, and the configuration, at the same port', async () => {
    await using folder = await createFolder(files())
    await using cli = new Cli(['dev', 'gateway.hcl'], { cwd: folder.path })
    const url = await cli.url()
    const answer = (): Promise<string | undefined> => greetingOf(url)
    expect(await answer()).toBe('hello world')

    await folder.write('greeter.js', greeter('bye'))
    await cli.line('workers rolled')
    expect(await answer()).toBe('bye world')

    await folder.write('word.js', "export const word = 'moon'")
    await cli.line('workers rolled')
    expect(await answer()).toBe('bye moon')

    await folder.write('gateway.hcl', config('  louder = true'))
    await cli.line('configuration reloaded')
    expect(await answer()).toBe('bye moon!')
  })

  it('goes on with what worked while a plugin or the configuration is broken', async () => {
    await using folder = await createFolder(files())
    await using cli = new Cli(['dev', 'gateway.hcl'], { cwd: folder.path })
    const url = await cli.url()
    const answer = (): Promise<string | undefined> => greetingOf(url)

    await folder.write('greeter.js', 'export default {')
    await cli.line('roll refused; the running workers stay')
    expect(await answer()).toBe('hello world')

    await folder.write('greeter.js', greeter('again'))
    await cli.line('workers rolled')
    expect(await answer()).toBe('again world')

    await folder.write('gateway.hcl', config('  lowder = true'))
    await cli.line('reload refused; the running configuration stays')
    expect(await answer()).toBe('again world')
  })

  it('waits for a file that is in order if it begins with one that is not', async () => {
    await using folder = await createFolder({ ...files(), 'gateway.hcl': 'entrypoints {' })
    await using cli = new Cli(['dev'], { cwd: folder.path })
    await cli.line('waiting for a change')

    await folder.write('gateway.hcl', config())

    const url = await cli.url()
    expect(await greetingOf(url)).toBe('hello world')
  })
})

/** What the plugin says; the service itself cannot be reached. */
async function greetingOf(url: string): Promise<string | undefined> {
  return (await request(url)).headers['x-greeting']
}

function files(): Record<string, string> {
  return {
    'gateway.hcl': config(),
    'greeter.js': greeter('hello'),
    'word.js': "export const word = 'world'",
    'package.json': '{ "type": "module" }',
  }
}
