/** The password of ann, bea and sam. */
export const password = 'pass:wörd'

// As `htpasswd -nb` of Apache 2.4 writes them.
export const ann = 'ann:$apr1$d8UrEPzK$NU1UXd.p498JAoRjsbUnS.'
export const bea = 'bea:$2y$05$R9R.iVmsEyJg3MMOIJtvJe52f3vMNTei20Di6QZVyR68Q.cyBlflq'
export const sam = 'sam:{SHA}NMfTLf4kql4x98PMVl16orqGin0='
/** The password is "password"; from the tests of the reference implementation of Argon2. */
export const cyd =
  'cyd:$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'

/** The value of the field. */
export function authorization(name: string, secret = password): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
}
