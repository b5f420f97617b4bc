import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder, type Folder } from './cli.ts'

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

const loud = `
middlewares "loud" {
  type   = "greet"
  louder = true
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

  it('follows each of many saves, also where a new file takes the place of the old', async () => {
    await using folder = await createFolder(files())
    await using cli = new Cli(['dev', 'gateway.hcl'], { cwd: folder.path })
    const url = await cli.url()

    for (const louder of [true, false, true]) {
      await replace(folder, 'gateway.hcl', config(`  louder = ${louder}`))
      await cli.line('configuration reloaded')
      expect(await greetingOf(url)).toBe(louder ? 'hello world!' : 'hello world')
    }
    // Workers that come later have the configuration of now.
    for (const word of ['bye', 'moin']) {
      await replace(folder, 'greeter.js', greeter(word))
      await cli.line('workers rolled')
      expect(await greetingOf(url)).toBe(`${word} world!`)
    }
  })

  it('follows folders that came later, and fragments that lie elsewhere, once each', async () => {
    await using elsewhere = await createFolder()
    const main = `providers "file" {\n  directory = "${elsewhere.path}"\n}\n${config()}`
    await using folder = await createFolder({ ...files(), 'gateway.hcl': main })
    await using cli = new Cli(['dev', 'gateway.hcl'], { cwd: folder.path })
    const url = await cli.url()

    await elsewhere.write('more.hcl', loud)
    await cli.line('configuration reloaded')
    await mkdir(join(folder.path, 'parts'))
    await folder.write('parts/word.js', "export const word = 'moon'")
    await folder.write('greeter.js', greeter('hello').replace('./word.js', './parts/word.js'))
    await cli.line('workers rolled')
    expect(await greetingOf(url)).toBe('hello moon')
    await replace(folder, 'parts/word.js', "export const word = 'sun'")
    await cli.line('workers rolled')
    expect(await greetingOf(url)).toBe('hello sun')

    cli.kill('SIGTERM')
    const { stdout } = await cli.ended
    expect(stdout.match(/"reloading the configuration"/g)).toHaveLength(1)
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

    cli.kill('SIGTERM')
    const { stdout } = await cli.ended
    // Nothing but the cause.
    expect(stdout).not.toContain('worker ended unexpectedly')
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

/** Saves as most editors do: writes another file, and lets it take the place of this one. */
async function replace(folder: Folder, file: string, text: string): Promise<void> {
  await folder.write('saved.tmp', text)
  await rename(join(folder.path, 'saved.tmp'), join(folder.path, file))
}

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
