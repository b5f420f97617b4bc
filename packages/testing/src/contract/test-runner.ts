/** What registers tests: vitest, `node:test`, or what looks like them. */
export interface TestRunner {
  readonly describe: (name: string, register: () => void) => unknown
  readonly it: (name: string, run: () => Promise<void>) => unknown
}

/** How long one check may take, in milliseconds; 200 reloads on a busy machine are not quick. */
const checkTimeoutMs = 60_000

/** The runner whose test file this is: vitest, or else `node:test`. */
export async function detectRunner(): Promise<TestRunner> {
  // Not by the environment, which a process that vitest starts has as well.
  return '__vitest_worker__' in globalThis ? await vitestRunner() : await nodeRunner()
}

async function vitestRunner(): Promise<TestRunner> {
  const { describe, it } = await import('vitest')
  return { describe, it: (name, run) => it(name, run, checkTimeoutMs) }
}

async function nodeRunner(): Promise<TestRunner> {
  const { describe, it } = await import('node:test')
  return {
    describe: (name, register) => void describe(name, register),
    it: (name, run) => void it(name, { timeout: checkTimeoutMs }, run),
  }
}
