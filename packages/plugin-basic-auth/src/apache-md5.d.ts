declare module 'apache-md5' {
  /**
   * The hash `$apr1$…` of a password, whose characters count as bytes, with the salt of another.
   */
  export default function md5(password: string, hashWithSalt: string): string
}
