import {
  defineErrors,
  defineMiddleware,
  definePlugin,
  type MiddlewareFactory,
  type Plugin,
  type PluginGateway,
  type SectionKey,
} from '@gatewright/kernel'
import type { PluginContract } from '../../src/index.ts'

interface QuotaOptions {
  readonly limit: number
  readonly per: number
}

interface QuotaDefaults {
  readonly header: string
}

const errors = defineErrors({
  GW_QUOTA_SPENT: { status: 429, source: 'client', message: () => 'the quota is spent' },
})

class Bucket implements Disposable {
  taken = 0

  get free(): boolean {
    return this.taken === 0
  }

  [Symbol.dispose](): void {
    this.taken = 0
  }
}

/** A middleware that reads a section of its own plugin. */
function quota(key: SectionKey<QuotaDefaults>): MiddlewareFactory<QuotaOptions> {
  return defineMiddleware<QuotaOptions>({
    type: 'quota',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['limit'],
      properties: {
        limit: { type: 'integer', minimum: 1, description: 'How many at once.' },
        per: { duration: true, default: '1s', description: 'For how long.' },
      },
      'x-gatewright-examples': [
        { title: 'Ten', hcl: 'middlewares "ten" {\n  type  = "quota"\n  limit = 10\n}\n' },
      ],
    },
    create({ limit }, scope) {
      const bucket = scope.keep(`quota:${scope.name}:${limit}`, () => new Bucket())
      return {
        onRequest(ctx) {
          if (ctx.request.headers.has('x-over')) throw errors.GW_QUOTA_SPENT()
          bucket.taken++
          ctx.defer(() => bucket.taken--)
        },
        onResponse(ctx, response) {
          const { header = 'x-limit' } = ctx.snapshot.get(key) ?? {}
          response.headers.set(header, String(limit))
        },
      }
    },
  })
}

function section(gateway: PluginGateway): SectionKey<QuotaDefaults> {
  return gateway.section<QuotaDefaults, QuotaDefaults>({
    type: 'quotas',
    labelled: false,
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        header: { type: 'string', default: 'x-limit', description: 'Tells clients the limit.' },
      },
    },
    create: (options) => options,
  })
}

export const good: Plugin<undefined> = definePlugin({
  name: 'gatewright-plugin-quota',
  setup: (gateway) => gateway.middlewares.register(quota(section(gateway))),
})

export const goodContract: PluginContract = {
  components: {
    quota: {
      valid: [{ limit: 10 }, { limit: 1, per: '250ms' }],
      invalid: [{}, { limit: 0 }, { limit: '1' }],
      rejected: [{ headers: { 'x-over': '1' } }],
    },
  },
  config: { quotas: { header: 'x-quota' } },
  packageJson: {
    name: 'gatewright-plugin-quota',
    type: 'module',
    keywords: ['gatewright-plugin'],
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    peerDependencies: { '@gatewright/kernel': '^1.0.0' },
    gatewright: {
      apiVersion: 1,
      kinds: ['middleware', 'section'],
      provides: { middleware: ['quota'], section: ['quotas'] },
    },
  },
}
