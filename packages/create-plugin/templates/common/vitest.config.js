import { defineConfig } from 'vitest/config'

export default defineConfig({
  // A gateway may take its time to start on a busy machine.
  test: { isolate: false, testTimeout: 30_000 },
})
