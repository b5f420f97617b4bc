import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createFolder, runCli } from './cli.ts'

describe('validate', () => {
  it('summarises a valid configuration, sorted by name and in the words of the file', async () => {
    await using folder = await createFolder({ 'gateway.hcl': valid })

    const ending = await runCli(['validate'], { cwd: folder.path })

    expect(ending).toEqual({
      code: 0,
      signal: null,
      stderr: '',
      stdout: `✓ Config parsed successfully (gateway.hcl)
✓ Configuration is valid

  Entrypoints: 2
    - admin → 127.0.0.1:8081 (http)
    - web → 127.0.0.1:8080 (http)
  Routers:     1
    - api → service:api rule:PathPrefix(\`/api\`)
  Services:    1
    - api (2 backends, strategy: least-connections)
  Middlewares: 1
    - again
`,
    })
  })

  it('looks for files beside the configuration that names them', async () => {
    const config = partners.replace('KEYS', 'lists/partners.keys')
    await using folder = await createFolder({ 'gateway.hcl': config })
    await mkdir(join(folder.path, 'lists'))
    await folder.write('lists/partners.keys', '3f9a0c1d5b7e4a62 acme')
    await using elsewhere = await createFolder()

    const file = relative(elsewhere.path, join(folder.path, 'gateway.hcl'))
    const ending = await runCli(['validate', '-c', file], { cwd: elsewhere.path })

    expect(ending).toMatchObject({ code: 0, stderr: '' })
  })

  it('finds nothing wrong with the example that names files, from any folder', async () => {
    const example = new URL('../../../examples/all-middlewares/gateway.hcl', import.meta.url)
    await using elsewhere = await createFolder()

    const args = ['validate', '-c', fileURLToPath(example)]
    const ending = await runCli(args, { cwd: elsewhere.path })

    expect(ending).toMatchObject({ code: 0, stderr: '' })
  })

  it('points at the option that a middleware does not accept', async () => {
    await using folder = await createFolder({ 'gateway.hcl': refused })

    const args = ['validate', '-c', join(folder.path, 'gateway.hcl'), '--json']
    const { code, stdout } = await runCli(args)

    expect(code).toBe(1)
    // The command prints what the test asserts.
    const found = JSON.parse(stdout) as readonly { readonly line: number; readonly code: string }[]
    expect(found.map((problem) => [problem.line, problem.code])).toEqual(markedLines(refused))
  })

  it('prints an empty list of problems as JSON', async () => {
    await using folder = await createFolder({ 'edge.hcl': valid })

    const ending = await runCli(['check', '-c', 'edge.hcl', '--json'], { cwd: folder.path })

    expect(ending).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
  })

  it('reports every reference to nothing, and what only building can find', async () => {
    const wrong = valid
      .replace('service     = "api"', 'service     = "ap"')
      .replace('["again"]', '["agian"]')
      .replace('least-connections', 'fewest')
    await using folder = await createFolder({ 'gateway.hcl': wrong })

    const { code, stdout, stderr } = await runCli(['validate'], { cwd: folder.path })

    expect(code).toBe(1)
    expect(stdout).toBe('✓ Config parsed successfully (gateway.hcl)\n')
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      '✗ Validation error: 3 problems',
      expect.stringMatching(/^gateway\.hcl:\d+:\d+: error .+ unknown service "ap".+"api"\?$/),
      expect.stringMatching(
        /^gateway\.hcl:\d+:\d+: error .+ unknown middleware "agian".+"again"\?$/,
      ),
    ])
    expect(stderr).toContain('unknown strategy "fewest"')
  })

  it('reports what is no HCL with its place', async () => {
    await using folder = await createFolder({ 'gateway.hcl': '{{{{ invalid' })

    const { code, stdout, stderr } = await runCli(['validate'], { cwd: folder.path })

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^✗ Parse error: \d+ problems?\ngateway\.hcl:1:1: error GW_CONFIG_SYNTAX/,
    )
  })

  it.each([
    { args: [], file: 'gateway.hcl' },
    { args: ['--config', 'missing.hcl'], file: 'missing.hcl' },
  ])('does not fall back to anything without $file', async ({ args, file }) => {
    await using folder = await createFolder()

    const ending = await runCli(['validate', ...args], { cwd: folder.path })

    expect(ending).toMatchObject({ code: 1, stderr: `✗ Config file not found: ${file}\n` })
  })

  it('names a variable that is not set, and where it is used', async () => {
    await using folder = await createFolder({ 'gateway.hcl': fromEnvironment })

    const { code, stderr } = await runCli(['validate'], { cwd: folder.path })
    const json = await runCli(['validate', '--format', 'json'], { cwd: folder.path })

    expect(code).toBe(1)
    expect(stderr).toContain('gateway.hcl:3:34: error GW_CONFIG_MISSING_ENV')
    expect(stderr).toContain('missing environment variable "NOWHERE_SET"')
    expect(json).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject([
      {
        code: 'GW_CONFIG_MISSING_ENV',
        path: ['services', 'api', 'load_balancer', 'servers', 0, 'url'],
        line: 3,
      },
    ])
  })

  it('leaves out what depends on a missing variable with --allow-missing-env', async () => {
    await using folder = await createFolder({ 'gateway.hcl': fromEnvironment })

    const args = ['validate', '--allow-missing-env']
    const ending = await runCli(args, { cwd: folder.path })

    expect(ending).toMatchObject({ code: 0, stderr: '' })
    expect(ending.stdout).toContain('  Not set, so not checked: NOWHERE_SET\n')
  })
})

const valid = `
entrypoints "web" {
  address = "127.0.0.1:8080"
}
entrypoints "admin" {
  address = "127.0.0.1:8081"
}
routers "api" {
  rule        = "PathPrefix(\`/api\`)"
  service     = "api"
  middlewares = ["again"]
}
middlewares "again" {
  type = "retry"
}
services "api" {
  load_balancer {
    strategy = "least-connections"
    servers  = [{ url = "http://127.0.0.1:8001" }, { url = "http://127.0.0.1:8002" }]
  }
}
`

const fromEnvironment = `services "api" {
  load_balancer {
    servers = [{ url = "http://\${NOWHERE_SET}:8001" }]
  }
}
`

/** With a file of keys. */
const partners = `
entrypoints "web" {
  address = "127.0.0.1:8080"
}

routers "api" {
  rule        = "PathPrefix(\`/\`)"
  service     = "api"
  middlewares = ["partners"]
}

middlewares "partners" {
  type      = "api-key"
  keys_file = "KEYS"
}

services "api" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:9001" }]
  }
}
`

/** Each line with a comment has an option that is refused with this code. */
const refused = `
entrypoints "web" {
  address         = "127.0.0.1:8080"
  tcp_allowed_ips = ["10.0.0.1-10.0.0.0"] # GW_TCP_FILTER_BAD_NETWORK
}
middlewares "keys" {
  type      = "api-key"
  keys_file = "no-such-file" # GW_WATCHED_FILE_UNREADABLE
}
middlewares "twice" {
  type = "api-key"
  keys = [
    "one",
    "one", # GW_API_KEY_OPTIONS
  ]
}
middlewares "users" {
  type  = "basic-auth"
  users = ["ann"] # GW_BASIC_AUTH_OPTIONS
}
middlewares "rest" {
  type              = "circuit-breaker"
  cooldown_secs     = 30
  max_cooldown_secs = 10 # GW_CIRCUIT_BAD_COOLDOWN
}
middlewares "pages" {
  type              = "cors"
  allowed_origins   = ["*"]
  allow_credentials = true # GW_CORS_CREDENTIALS
}
middlewares "patterns" {
  type                    = "cors"
  allowed_origin_patterns = [
    "https://*.example.com",
    "https://*example.com", # GW_CORS_INVALID_PATTERN
  ]
}
middlewares "login" {
  type                          = "forward-auth"
  forward_auth_url              = "http://127.0.0.1:9091/verify"
  forward_auth_response_headers = ["Content-Length"] # GW_FORWARD_AUTH_BAD_FIELD
}
middlewares "fields" {
  type = "headers"
  request_headers = {
    "X-Fine" = "yes"
    "Host"   = "other" # GW_HEADERS_HOST_FIELD
  }
}
middlewares "office" {
  type        = "ip-allow"
  allowed_ips = ["10.0.0.0/8"]
  ip_strategy {
    excluded_ips = ["10.0.0.0/33"] # GW_IP_ALLOW_BAD_NETWORK
  }
}
middlewares "signed-in" {
  type        = "jwt"
  public_keys = ["no key"] # GW_JWT_UNUSABLE_KEY
}
middlewares "fair" {
  type      = "rate-limit"
  rate      = 5
  algorithm = "concurrency"
  burst     = 5 # GW_RATE_LIMIT_BURST
}
`

function markedLines(text: string): readonly (readonly [line: number, code: string])[] {
  return text.split('\n').flatMap((line, index) => {
    const [, code] = /# (GW_\w+)$/.exec(line) ?? []
    return code === undefined ? [] : [[index + 1, code] as const]
  })
}
