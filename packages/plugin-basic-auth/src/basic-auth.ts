import { type Consumer, consumerKey, IdentityFields, setIdentityField } from '@gatewright/identity'
import {
  defineMiddleware,
  type Filter,
  type GatewayError,
  type GatewayErrorOptions,
  isThenable,
  type MiddlewareFactory,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { openWatchedFile } from '@gatewright/watched-file'
import { Doorman } from './doorman.ts'
import { errors } from './errors.ts'
import { FailureThrottle } from './failure-throttle.ts'
import { loginIn } from './login.ts'
import { type BasicAuthOptions, schema } from './options.ts'
import { type UserList, userListOf } from './user-list.ts'
import { Verifier } from './verifier.ts'

/** The `basic-auth` middleware type. */
export const basicAuth: MiddlewareFactory<BasicAuthOptions> = defineMiddleware({
  type: 'basic-auth',
  schema,
  async create(options, scope) {
    if (options.user_header.toLowerCase() === 'authorization') {
      const problem = 'must not be Authorization'
      throw errors.GW_BASIC_AUTH_OPTIONS({ problem }, { option: ['user_header'] })
    }
    return new Guard(options, await openUsers(options, scope), doormanOf(options, scope))
  },
})

class Guard implements Filter {
  readonly #users: { readonly value: UserList }
  readonly #doorman: Doorman
  readonly #removesHeader: boolean
  readonly #userHeader: string
  readonly #told: IdentityFields
  readonly #challenge: GatewayErrorOptions

  constructor(options: BasicAuthOptions, users: { readonly value: UserList }, doorman: Doorman) {
    this.#users = users
    this.#doorman = doorman
    this.#removesHeader = options.remove_header
    this.#userHeader = options.user_header.toLowerCase()
    this.#told = new IdentityFields(this.#userHeader === '' ? [] : [this.#userHeader], [
      'user_header',
    ])
    // RFC 7617 section 2.1.
    const challenge = `Basic realm="${options.realm}", charset="UTF-8"`
    this.#challenge = { headers: ['www-authenticate', challenge] }
  }

  onSkip(ctx: RequestContext): void {
    this.#told.clear(ctx.request.headers)
  }

  onRequest(ctx: RequestContext): void | Promise<void> {
    const { headers } = ctx.request
    this.#told.clear(headers)
    const credentials = headers.get('authorization')
    if (credentials === undefined) throw this.#refusal('GW_BASIC_AUTH_MISSING')
    if (headers.getAll('authorization').length > 1) throw this.#refusal('GW_BASIC_AUTH_INVALID')
    const id = this.#doorman.idOf(credentials)
    const known = this.#doorman.recall(id, this.#users.value)
    if (known !== undefined) return this.#decide(ctx, known)
    const login = loginIn(credentials)
    if (login === undefined) throw this.#refusal('GW_BASIC_AUTH_MISSING')
    if (login === null) throw this.#refusal('GW_BASIC_AUTH_INVALID')
    const admitted = this.#doorman.admit(id, login, this.#users.value, ctx.clientAddress)
    if (!isThenable(admitted)) return this.#decide(ctx, admitted)
    return Promise.resolve(admitted).then((later) => this.#decide(ctx, later))
  }

  #decide(ctx: RequestContext, consumer: Consumer | undefined): void {
    if (consumer === undefined) throw this.#refusal('GW_BASIC_AUTH_INVALID')
    ctx.set(consumerKey, consumer)
    const { headers } = ctx.request
    if (this.#removesHeader) headers.delete('authorization')
    if (this.#userHeader !== '') setIdentityField(headers, this.#userHeader, consumer.name)
  }

  #refusal(code: 'GW_BASIC_AUTH_MISSING' | 'GW_BASIC_AUTH_INVALID'): GatewayError {
    return errors[code](undefined, this.#challenge)
  }
}

async function openUsers(
  options: BasicAuthOptions,
  scope: Scope,
): Promise<{ readonly value: UserList }> {
  const path = options.users_file
  if (path === undefined) return { value: userListOf(options) }
  return await openWatchedFile(scope, {
    path,
    option: ['users_file'],
    parse: (text) => userListOf(options, text),
  })
}

/** What it remembers outlives a reload, the good and the bad. */
function doormanOf(options: BasicAuthOptions, scope: Scope): Doorman {
  const { max_failures: max, failure_window: windowMs } = options
  // One thread for all of them.
  const verifier = scope.keep('basic-auth:verifier', () => new Verifier())
  const key = `basic-auth:${scope.name}:${max}:${windowMs}`
  return scope.keep(key, () => new Doorman(new FailureThrottle(max, windowMs), verifier))
}
