import { once } from 'node:events'
import {
  type CertificateFiles,
  certificateFiles,
  poolFile,
  startGateway,
  type TestCertificate,
  testCertificate,
} from '@gatewright/testing'
import { credentials, status } from '@grpc/grpc-js'
import { beforeAll, describe, expect, it } from 'vitest'
import { EchoClient, outcomeOf } from './echo-client.ts'
import { startEcho } from './echo-server.ts'

let ca: TestCertificate
let own: TestCertificate
beforeAll(async () => {
  ca = await testCertificate({ commonName: 'Test CA', isAuthority: true })
  own = await testCertificate({ names: ['127.0.0.1', 'localhost'], ca })
})

describe.each(['grpcs', 'https'])('calls over TLS to %s:// servers', (scheme) => {
  it('are as those without', async () => {
    await using files = await certificateFiles({ own, ca })
    await using echo = await startEcho({}, own)
    await using gateway = await startGateway(fileFor(`${scheme}://127.0.0.1:${echo.port}`, files))
    using client = clientOf(gateway.port())
    const call = client.chat()
    const outcome = outcomeOf(call)

    const { messages } = await client.unary('hello')
    call.write(Buffer.from('ping'))
    await once(call, 'data')
    call.end()

    expect(messages).toEqual(['hello'])
    expect(await outcome).toMatchObject({ messages: ['ping'], status: { code: status.OK } })
  })

  it('are UNAVAILABLE if the server has a certificate that nobody trusts', async () => {
    await using files = await certificateFiles({ own, ca })
    await using echo = await startEcho({}, await testCertificate({ names: ['127.0.0.1'] }))
    await using gateway = await startGateway(fileFor(`${scheme}://127.0.0.1:${echo.port}`, files))
    using client = clientOf(gateway.port())

    const { status: ended } = await client.unary('hello')

    expect(ended.code).toBe(status.UNAVAILABLE)
  })
})

function clientOf(port: number): EchoClient {
  // A server name is never an address (RFC 6066 section 3).
  const options = { 'grpc.ssl_target_name_override': 'localhost' }
  return new EchoClient(port, credentials.createSsl(Buffer.from(ca.cert)), options)
}

function fileFor(url: string, { folder }: CertificateFiles): string {
  const balancing = `upstream_tls {\n ca_files = ["${folder}/ca.crt"]\n}`
  const tls = `tls {\n cert_file = "${folder}/own.crt"\n key_file = "${folder}/own.key"\n}`
  return poolFile([url], { balancing }).replace('"127.0.0.1:0"', `"127.0.0.1:0"\n${tls}`)
}
