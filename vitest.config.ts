import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'test/**/*.test.ts',
      'examples/**/*.test.ts',
      'bench/test/**/*.test.ts',
      'scripts/test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Shared buffers are overwritten once they are free, so that stale views show in any test.
    env: { GATEWRIGHT_POISON: '1' },
    isolate: false,
    testTimeout: 30_000,
    reporters: ['default', './scripts/summary-reporter.ts'],
  },
})
