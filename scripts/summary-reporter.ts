import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node'

/**
 * Ends a run with the line `N passed, N failed, N skipped`, which people and tools can read without
 * knowing the test runner. A file or suite that fails outside its tests, an error that no test
 * caught, and a test that never got to its end each count as one failure.
 */
export default class SummaryReporter implements Reporter {
  readonly #counts = { passed: 0, failed: 0, skipped: 0 }

  onInit(vitest: Vitest): void {
    // Coverage tables and complaints about open handles come after `onTestRunEnd`.
    if (!vitest.config.watch) process.once('exit', () => this.#print())
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = this.#counts
    counts.failed += unhandledErrors.length
    for (const module of modules) {
      this.#countSuite(module)
      for (const suite of module.children.allSuites()) this.#countSuite(suite)
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'pending' ? 'failed' : state] += 1
      }
    }
    if (counts.failed > 0) process.exitCode ||= 1
  }

  #countSuite(suite: TestModule | TestSuite): void {
    this.#counts.failed += suite.errors().length > 0 ? 1 : 0
  }

  #print(): void {
    const { passed, failed, skipped } = this.#counts
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  }
}
