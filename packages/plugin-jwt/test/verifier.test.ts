import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { CompactEncrypt, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { ClaimRules } from '../src/claim-rules.ts'
import { algorithmNames } from '../src/keys/algorithms.ts'
import { readKeySet, readPem, readSecret } from '../src/keys/key-reader.ts'
import { fixedKeys, KeyRing } from '../src/keys/key-ring.ts'
import type { VerificationKey } from '../src/keys/verification-key.ts'
import { Verifier } from '../src/verifier.ts'
import { rfcClaims, rfcVectors, unsecured } from './rfc-vectors.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ec384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ec521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const ed = generateKeyPairSync('ed25519')
const secret = 'a secret that is long enough for each of the three HMAC algorithms, 64 bytes'

const pairs = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: ec256,
  ES384: ec384,
  ES512: ec521,
  EdDSA: ed,
  Ed25519: ed,
}

describe('the signature of a token', () => {
  it.each(rfcVectors)('of $name is verified', async ({ key, token, text }) => {
    const verifier = verifierOf(jwks(key))

    const payload = await verifier.verifySignature(token)

    expect(Buffer.from(payload).toString()).toBe(text)
  })

  it.each(rfcVectors)('of $name is refused once it is another one', async ({ key, token }) => {
    const verifier = verifierOf(jwks(key))
    const dot = token.lastIndexOf('.')
    const changed = token[dot + 1] === 'A' ? 'B' : 'A'
    const forged = `${token.slice(0, dot + 1)}${changed}${token.slice(dot + 2)}`

    await expect(verifier.verifySignature(forged)).rejects.toMatchObject({ reason: 'signature' })
  })

  it.each(Object.entries(pairs))('with %s is verified with a key in PEM', async (alg, pair) => {
    const verifier = verifierOf([readPem(pemOf(pair.publicKey))])

    const { claims } = await verifier.verify(await signed(alg, pair.privateKey), 1)

    expect(claims).toEqual({ sub: 'user-123', exp: 100 })
  })

  it.each(['HS256', 'HS384', 'HS512'])('with %s is verified with a secret', async (alg) => {
    const verifier = verifierOf([readSecret(secret)])

    const { claims } = await verifier.verify(await signed(alg, Buffer.from(secret)), 1)

    expect(claims['sub']).toBe('user-123')
  })

  it('is refused if there is none, whatever keys there are', async () => {
    const everything = [
      readSecret(secret),
      ...Object.values(pairs).map((pair) => readPem(pemOf(pair.publicKey))),
    ]

    const verifying = verifierOf(everything).verifySignature(unsecured)

    await expect(verifying).rejects.toMatchObject({ reason: 'algorithm' })
  })

  it.each(['none', 'None', 'NONE', '', 'HS1', 'RSA-OAEP', 'constructor'])(
    'is refused for the algorithm "%s"',
    async (alg) => {
      const token = `${encoded({ alg })}.${encoded({ sub: 'admin', exp: 100 })}.`

      const verifying = verifierOf([readSecret(secret)]).verifySignature(token)

      await expect(verifying).rejects.toMatchObject({ reason: 'algorithm' })
    },
  )

  // RFC 8725 section 2.1.
  it.each(['spki pem', 'spki der', 'jwk'])(
    'is refused if the public key was used as a secret, as %s',
    async (form) => {
      const content = `${encoded({ alg: 'HS256' })}.${encoded({ sub: 'admin', exp: 100 })}`
      const material = publicBytes(rsa.publicKey, form)
      const mac = createHmac('sha256', material).update(content).digest('base64url')

      const verifying = verifierOf([readPem(pemOf(rsa.publicKey))]).verifySignature(
        `${content}.${mac}`,
      )

      await expect(verifying).rejects.toMatchObject({ reason: 'unknown key' })
    },
  )

  it('is refused with an algorithm that is not allowed, though the key could do it', async () => {
    const ring = new KeyRing([fixedKeys('test', [readPem(pemOf(rsa.publicKey))])])
    const verifier = new Verifier(ring, new ClaimRules(anything), { algorithms: ['PS256'] })

    const verifying = verifier.verify(await signed('RS256', rsa.privateKey), 1)

    await expect(verifying).rejects.toMatchObject({ reason: 'algorithm' })
  })

  it('is refused with an algorithm that the key set does not allow for the key', async () => {
    const verifier = verifierOf(jwks({ ...rsa.publicKey.export({ format: 'jwk' }), alg: 'RS512' }))

    const verifying = verifier.verify(await signed('RS256', rsa.privateKey), 1)

    await expect(verifying).rejects.toMatchObject({ reason: 'unknown key' })
  })

  it('is refused if the token names another key', async () => {
    const verifier = verifierOf(jwks({ ...ed.publicKey.export({ format: 'jwk' }), kid: 'one' }))

    const verifying = verifier.verify(await signed('EdDSA', ed.privateKey, { kid: 'two' }), 1)

    await expect(verifying).rejects.toMatchObject({ reason: 'unknown key' })
  })

  it('is verified with each key that fits if the token names none', async () => {
    const other = generateKeyPairSync('ed25519')
    const verifier = verifierOf([
      ...jwks({ ...other.publicKey.export({ format: 'jwk' }), kid: 'one' }),
      ...jwks({ ...ed.publicKey.export({ format: 'jwk' }), kid: 'two' }),
    ])

    const { claims } = await verifier.verify(await signed('EdDSA', ed.privateKey), 1)

    expect(claims['sub']).toBe('user-123')
  })

  it.each([
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: false },
    { crit: ['b64'], b64: true },
    { crit: [] },
    { crit: 'exp' },
  ])('is refused if the header demands an extension: %j', async (demand) => {
    const content = `${encoded({ alg: 'HS256', ...demand })}.${encoded({ exp: 100 })}`
    const mac = createHmac('sha256', secret).update(content).digest('base64url')

    const verifying = verifierOf([readSecret(secret)]).verifySignature(`${content}.${mac}`)

    await expect(verifying).rejects.toMatchObject({ reason: 'extension' })
  })

  it.each([
    { alg: 'dir', enc: 'A256GCM' },
    { alg: 'A256KW', enc: 'A256GCM' },
    { alg: 'PBES2-HS256+A128KW', enc: 'A128CBC-HS256', p2c: 1_000_000_000, p2s: 'x' },
  ])('is not looked for in a token that is encrypted: $alg', async (header) => {
    const key = new Uint8Array(32)
    const parts = new CompactEncrypt(Buffer.from('{"sub":"admin"}'))
    const token =
      header.alg === 'PBES2-HS256+A128KW'
        ? `${encoded(header)}.AA.AA.AA.AA`
        : await parts.setProtectedHeader(header).encrypt(key)

    const verifying = verifierOf([readSecret(secret)]).verifySignature(token)

    await expect(verifying).rejects.toMatchObject({ reason: 'encrypted' })
  })

  it.each([
    { types: ['at+jwt'], typ: 'at+jwt', ok: true },
    { types: ['at+jwt'], typ: 'application/AT+JWT', ok: true },
    { types: ['application/at+jwt', 'JWT'], typ: 'jwt', ok: true },
    { types: ['at+jwt'], typ: 'JWT', ok: false },
    { types: ['at+jwt'], typ: undefined, ok: false },
    { types: [], typ: 'logout+jwt', ok: true },
  ])('counts for type $typ where $types are wanted: $ok', async ({ types, typ, ok }) => {
    const ring = new KeyRing([fixedKeys('test', [readSecret(secret)])])
    const verifier = new Verifier(ring, new ClaimRules(anything), { types })
    const token = await signed('HS256', Buffer.from(secret), typ === undefined ? {} : { typ })

    const reason = await verifier.verify(token, 1).then(
      () => undefined,
      (objection: { readonly reason: string }) => objection.reason,
    )

    expect(reason).toBe(ok ? undefined : 'type')
  })

  it.each([
    'a',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    '..',
    `${encoded([])}.e30.x`,
    `${encoded('x')}.e30.x`,
    `${encoded({ alg: 'HS256', kid: 1 })}.e30.x`,
    `${encoded({ alg: 'HS256', typ: 1 })}.e30.x`,
    `${encoded({ alg: 'HS256', b64: false })}.e30.x`,
    ` ${unsecured}`,
  ])('is not looked for in %s', async (token) => {
    const verifying = verifierOf([readSecret(secret)]).verifySignature(token)

    await expect(verifying).rejects.toHaveProperty('kind', 'invalid')
  })

  it.each(['null', '[]', '"x"', '1', 'x', '\ufffd'])(
    'of %s does not make it claims',
    async (text) => {
      const content = `${encoded({ alg: 'HS256' })}.${Buffer.from(text).toString('base64url')}`
      const mac = createHmac('sha256', secret).update(content).digest('base64url')

      const verifying = verifierOf([readSecret(secret)]).verify(`${content}.${mac}`, 1)

      await expect(verifying).rejects.toMatchObject({ reason: 'malformed' })
    },
  )

  it('never holds for anything that was made up', async () => {
    const verifier = verifierOf([readSecret(secret), readPem(pemOf(rsa.publicKey))])
    const algorithm = fc.constantFrom(...algorithmNames, 'none')

    await fc.assert(
      fc.asyncProperty(algorithm, fc.jsonValue(), fc.base64String(), async (alg, body, junk) => {
        const signature = junk.replace(/[+/=]/g, '')
        const verifying = verifier.verify(`${encoded({ alg })}.${encoded(body)}.${signature}`, 1)
        await expect(verifying).rejects.toHaveProperty('kind', 'invalid')
      }),
    )
  })

  it('ends when it says so', async () => {
    const verifier = verifierOf(jwks(rfcVectors[0].key))
    const { token } = rfcVectors[0]

    const accepted = await verifier.verify(token, rfcClaims.exp - 1)

    expect(accepted).toEqual({ claims: rfcClaims, endsAt: rfcClaims.exp })
    const verifying = verifier.verify(token, rfcClaims.exp)
    await expect(verifying).rejects.toMatchObject({ reason: 'expired' })
  })
})

const anything = {
  issuers: [],
  audiences: [],
  scopes: [],
  required_claims: [],
  claims: {},
  leeway: 0,
}

function verifierOf(keys: readonly VerificationKey[]): Verifier {
  return new Verifier(new KeyRing([fixedKeys('test', keys)]), new ClaimRules(anything))
}

function jwks(key: object): VerificationKey[] {
  return readKeySet(JSON.stringify({ keys: [key] }), 'secrets allowed')
}

function signed(alg: string, key: KeyObject | Uint8Array, header: object = {}): Promise<string> {
  return new SignJWT({ sub: 'user-123', exp: 100 }).setProtectedHeader({ ...header, alg }).sign(key)
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString()
}

function publicBytes(key: KeyObject, form: string): string | Buffer {
  if (form === 'jwk') return JSON.stringify(key.export({ format: 'jwk' }))
  return form === 'spki pem' ? pemOf(key) : key.export({ format: 'der', type: 'spki' })
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
