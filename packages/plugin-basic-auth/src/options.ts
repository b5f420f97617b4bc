import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `basic-auth` says. */
export interface BasicAuthOptions {
  /** One user in clear text; goes with `password`. */
  readonly username?: string
  /** Goes with `username`. */
  readonly password?: string
  /** Lines of an `htpasswd` file: `name:hash`. */
  readonly users?: readonly string[]
  /** An `htpasswd` file. Watched. */
  readonly users_file?: string
  /** The realm in `WWW-Authenticate`, which browsers show. Default `gatewright`. */
  readonly realm: string
  /** Whether the upstream does not get the password. Default true. */
  readonly remove_header: boolean
  /** Where the upstream finds the name of the user; empty, the default, means nowhere. */
  readonly user_header: string
  /** Wrong passwords of one address within `failure_window`; 0 means no bound. Default 10. */
  readonly max_failures: number
  /** Milliseconds after which `max_failures` are allowed anew. Default 60,000. */
  readonly failure_window: number
}

/** Checks a block of type `basic-auth`. */
export const schema: OptionsSchema<BasicAuthOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    username: {
      type: 'string',
      minLength: 1,
      description: 'Name of one user whose password stands in `password`.',
    },
    password: {
      type: 'string',
      minLength: 1,
      'x-gatewright-secret': true,
      description: 'Password of `username`, in clear text.',
    },
    users: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      'x-gatewright-secret': true,
      description: 'Users as in an `htpasswd` file: `name:hash`.',
    },
    users_file: {
      type: 'string',
      minLength: 1,
      description: 'An `htpasswd` file. Watched.',
    },
    realm: {
      type: 'string',
      // What needs no escape between quotes.
      pattern: '^[ !#-\\[\\]-~]*$',
      'x-gatewright-expected': 'ASCII text without quotes and backslashes',
      default: 'gatewright',
      description: 'The realm in `WWW-Authenticate`, which browsers show.',
    },
    remove_header: {
      type: 'boolean',
      default: true,
      description: 'Do not send `Authorization` on to the upstream.',
    },
    user_header: {
      type: 'string',
      pattern: "^[!#$%&'*+\\-.\\^_`\\|~0-9A-Za-z]*$",
      'x-gatewright-expected': 'a header field name or nothing',
      default: '',
      description:
        'Tells the upstream the name of the user, as `X-Auth-User` does; empty tells nothing.',
    },
    max_failures: {
      type: 'integer',
      minimum: 0,
      default: 10,
      description: 'Wrong passwords that an address may send in `failure_window`; 0 sets no bound.',
    },
    failure_window: {
      duration: true,
      default: '1m',
      description: 'Time in which `max_failures` are allowed.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Two users',
      hcl: 'middlewares "staff" {\n  type  = "basic-auth"\n  users = [\n    "ann:$apr1$d8UrEPzK$NU1UXd.p498JAoRjsbUnS.",\n    "bea:$2y$05$R9R.iVmsEyJg3MMOIJtvJe52f3vMNTei20Di6QZVyR68Q.cyBlflq",\n  ]\n}\n',
    },
  ],
}
