import { argon2Sync, timingSafeEqual } from 'node:crypto'
import { argon2id } from './stored-hash.ts'

/**
 * True if the password belongs to the hash, of bcrypt, apr1 or argon2id. Takes up to seconds: for
 * threads of their own only. Loads the library that it needs.
 */
export async function isPasswordOf(hash: string, password: string): Promise<boolean> {
  if (hash.startsWith('$2')) {
    const { verifySync } = await import('@node-rs/bcrypt')
    return verifySync(password, hash)
  }
  if (hash.startsWith('$apr1$')) {
    const { default: md5 } = await import('apache-md5')
    // Its characters are bytes.
    return same(Buffer.from(md5(Buffer.from(password).toString('latin1'), hash)), Buffer.from(hash))
  }
  return isArgon2idOf(hash, password)
}

function isArgon2idOf(hash: string, password: string): boolean {
  const { memory, passes, lanes, salt = '', tag = '' } = argon2id.exec(hash)?.groups ?? {}
  const stored = Buffer.from(tag, 'base64')
  const made = argon2Sync('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64'),
    parallelism: Number(lanes),
    tagLength: stored.length,
    memory: Number(memory),
    passes: Number(passes),
  })
  return same(made, stored)
}

function same(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
