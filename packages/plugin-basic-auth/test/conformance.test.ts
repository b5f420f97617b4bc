import { describeMiddleware } from '@gatewright/testing/conformance'
import { basicAuth } from '../src/index.ts'
import { ann, authorization, bea, cyd, sam } from './logins.ts'

describeMiddleware(basicAuth, {
  valid: [
    { users: [sam], user_header: 'X-Auth-User' },
    { username: 'admin', password: 'secret' },
    { users: [ann, bea, cyd], realm: 'the office', remove_header: false, user_header: 'X-User' },
    { users: ['pat:{PLAIN}x'], max_failures: 0, failure_window: '10m' },
  ],
  invalid: [
    {},
    { users: [] },
    { username: 'admin' },
    { username: 'admin', password: 'x', user_header: 'Host' },
    { password: 'secret' },
    { username: 'a:b', password: 'secret' },
    { users: ['no hash'] },
    { users: [':{SHA}NMfTLf4kql4x98PMVl16orqGin0='] },
    { users: [sam, sam] },
    { users: ['old:rqXexS6ZhobKA'] },
    { users: ['old:$1$d8UrEPzK$NU1UXd.p498JAoRjsbUnS.'] },
    { users: ['big:$2y$16$R9R.iVmsEyJg3MMOIJtvJe52f3vMNTei20Di6QZVyR68Q.cyBlflq'] },
    { users: ['big:$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg'] },
    { users: ['odd:$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg'] },
    { users: [sam], realm: 'a "b"' },
    { users: [sam], user_header: 'authorization' },
    { users: [sam], max_failures: -1 },
    { users: [sam], failure_window: 0 },
    { users_file: '/there/is/no/such/file' },
  ],
  requests: [{ headers: { authorization: authorization('sam') } }],
  ownFields: ['x-auth-user'],
  rejected: [{}, { headers: { authorization: authorization('sam', 'wrong') } }],
})
