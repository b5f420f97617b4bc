import { execFile } from 'node:child_process'
import {
  type CertificateFiles,
  certificateFiles,
  startGateway,
  type TestGateway,
  testCertificate,
} from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFor } from '../servers.ts'
import { type NginxServer, startNginx } from './nginx-server.ts'

let files: CertificateFiles
let nginx: NginxServer

beforeAll(async () => {
  const ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  files = await certificateFiles({
    ca,
    nginx: await testCertificate({ names: ['nginx.test'], ca }),
    gateway: await testCertificate({ names: ['gateway.test'], ca }),
  })
  nginx = await startNginx(files.folder)
})

afterAll(async () => {
  await nginx[Symbol.asyncDispose]()
  await files[Symbol.asyncDispose]()
})

describe('a gateway for bytes in front of nginx', () => {
  it('passes TLS on that nginx decrypts', async () => {
    const router = { rule: 'HostSNI(`nginx.test`)' }
    await using gateway = await startGateway(configFor([nginx.secure], { router }))

    expect(await curl(gateway, 'nginx.test')).toBe('nginx for nginx.test')
  })

  it('decrypts TLS, and tells nginx who the client is', async () => {
    await using gateway = await startDecrypting({})

    expect(await curl(gateway, 'gateway.test')).toBe('nginx for 127.0.0.1')
  })

  it('decrypts TLS, and encrypts again for nginx', async () => {
    const entrypoint = { tls: { cert_file: 'gateway.crt', key_file: 'gateway.key' } }
    const balancer = { upstream_tls: { ca_files: ['ca.crt'], server_name: 'nginx.test' } }
    const servers = [nginx.secure.replace('tcp:', 'tls:')]
    await using gateway = await startGateway(configFor(servers, { entrypoint, balancer }), {
      baseDir: files.folder,
    })

    expect(await curl(gateway, 'gateway.test')).toBe('nginx for nginx.test')
  })

  it.each(['-tls1_2', '-tls1_3'])('is what openssl expects with %s', async (version) => {
    await using gateway = await startDecrypting({})

    const said = await openssl(gateway, version)

    expect(said).toContain('Verify return code: 0 (ok)')
    expect(said).toContain('nginx for 127.0.0.1')
  })

  it('refuses openssl with TLS 1.2 if 1.3 is the oldest', async () => {
    await using gateway = await startDecrypting({ min_version: '1.3' })

    expect(await openssl(gateway, '-tls1_2')).toContain('protocol version')
    expect(await openssl(gateway, '-tls1_3')).toContain('Verify return code: 0 (ok)')
  })
})

function startDecrypting(tls: Readonly<Record<string, unknown>>): Promise<TestGateway> {
  const entrypoint = { tls: { cert_file: 'gateway.crt', key_file: 'gateway.key', ...tls } }
  const balancer = { proxy_protocol: 'v2' }
  const config = configFor([nginx.plain], { entrypoint, balancer })
  return startGateway(config, { baseDir: files.folder })
}

function curl(gateway: TestGateway, name: string): Promise<string> {
  const port = gateway.port()
  return run(
    'curl',
    ['--silent', '--show-error', '--max-time', '20', '--cacert', `${files.folder}/ca.crt`].concat([
      '--resolve',
      `${name}:${port}:127.0.0.1`,
      `https://${name}:${port}/`,
    ]),
  )
}

/** What a request by `openssl s_client` shows, and what goes wrong with it. */
function openssl(gateway: TestGateway, version: string): Promise<string> {
  const request = 'GET / HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n\r\n'
  const target = ['-connect', `127.0.0.1:${gateway.port()}`, '-servername', 'gateway.test']
  const options = ['-ign_eof', '-CAfile', `${files.folder}/ca.crt`, version]
  return run('openssl', ['s_client', ...target, ...options], request)
}

function run(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') reject(new Error(`there is no ${program}`, { cause: error }))
      else resolve(stdout + stderr)
    })
    child.stdin?.on('error', () => undefined).end(input)
  })
}
