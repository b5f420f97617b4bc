import { defineConfig } from 'vitest/config'

/** What reads and writes sockets itself, and has to work with both ways of doing that. */
const engine = [
  'packages/http1/test/{client,server,wire}/**/*.test.ts',
  'packages/plugin-http/test/**/*.test.ts',
  'packages/plugin-sse/test/*.test.ts',
  'packages/plugin-tcp/test/*.test.ts',
  'packages/plugin-websocket/test/*.test.ts',
  'test/{aborts,conversations,reload,service-timeouts,soak,staying-up,transfer}.test.ts',
]

/** What asks servers of others, which are installed before. */
const servers = ['packages/*/test/servers/**/*.test.ts', 'examples/all-middlewares/*.test.ts']

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Shared buffers are overwritten once they are free, so that stale views show in any test.
    env: { GATEWRIGHT_POISON: '1' },
    isolate: false,
    testTimeout: 30_000,
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: [
            'packages/*/test/**/*.test.ts',
            'packages/create-plugin/templates/*/test/*.test.{ts,js}',
            'test/**/*.test.ts',
            'examples/**/*.test.ts',
            'bench/test/**/*.test.ts',
            'scripts/test/**/*.test.ts',
          ],
          exclude: servers,
          env: { GATEWRIGHT_POISON: '1' },
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: servers,
          globalSetup: './scripts/test-servers.ts',
          env: { GATEWRIGHT_POISON: '1' },
        },
      },
      {
        extends: true,
        test: {
          name: 'portable',
          include: engine,
          env: { GATEWRIGHT_IO: 'portable', GATEWRIGHT_POISON: '1' },
        },
      },
    ],
  },
})
