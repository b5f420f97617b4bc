import type { ExitCode } from './exit-code.ts'

/** Whoever read along may have had enough; a gateway goes on without. */
export function forgiveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** What plugins left behind must not keep the process, but all of the output has to be out. */
export function endProcess(exitCode: ExitCode): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
}
