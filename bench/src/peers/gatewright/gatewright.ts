import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, runToEnd } from '../../process/child.ts'
import type { Found, Peer, ProxyTask } from '../peer.ts'
import { type Extras, renderGatewright } from './configuration.ts'
import { extrasOf } from './features.ts'
import type { SetUp } from './set-ups.ts'

const manifest = new URL('../../../../packages/cli/package.json', import.meta.url)
const sourceCli: string = fileURLToPath(
  new URL('../../../../packages/cli/src/main.ts', import.meta.url),
)
/** Problems with what the gateway does not know yet, in contrast to everything else. */
const unknownToIt: readonly string[] = [
  'GW_CONFIG_UNKNOWN_KEY',
  'GW_CONFIG_URL',
  'GW_CONFIG_VALUE',
  'GW_UNKNOWN_TYPE',
]

/**
 * Gatewright as its users run it: the command with a configuration file, default settings and
 * errors as the only log.
 *
 * @param cli The command's main file; default: the sources of this checkout.
 */
export function createGatewright(setUp: SetUp, cli: string = sourceCli): Peer {
  return {
    name: setUp.name,
    title: setUp.title,

    async find(): Promise<Found> {
      const { version }: { version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'))
      return { version: String(version) }
    },

    async prepare(task: ProxyTask): Promise<Command> {
      const { routers } = setUp
      await writeFile(fileOf(task), renderGatewright({ ...task, routers }, allExtras(setUp, task)))
      const args = [cli, '--config', fileOf(task), '--log-level', 'error']
      return { file: process.execPath, args }
    },

    async refuses(task: ProxyTask): Promise<string | undefined> {
      const args = [cli, 'validate', '--json', '--config', fileOf(task)]
      const { code, stdout, stderr } = await runToEnd({ file: process.execPath, args }, 30_000)
      if (code === 0) return undefined
      const problems = parseProblems(stdout, stderr)
      const messages = problems.map(({ message }) => withoutList(message)).join('; ')
      if (problems.every((problem) => unknownToIt.includes(problem.code))) return messages
      throw new Error(`validate failed: ${messages}`)
    },
  }
}

/** What `validate --json` prints; whatever else it prints is thrown. */
function parseProblems(stdout: string, stderr: string): readonly Problem[] {
  try {
    // The shape is what `--json` promises.
    return JSON.parse(stdout) as readonly Problem[]
  } catch {
    throw new Error(`validate failed: ${stdout.trim()} ${stderr.trim()}`)
  }
}

/** Which types and keys there are is of no use in a table. */
function withoutList(message: string): string {
  return message.replace(/; known(?: schemes)?: .*$/, '')
}

interface Problem {
  readonly code: string
  readonly message: string
}

function allExtras(setUp: SetUp, task: ProxyTask): Extras {
  return { ...extrasOf(task), ...setUp.extras }
}

function fileOf({ folder }: ProxyTask): string {
  return join(folder, 'gateway.hcl')
}
