import { relative } from 'node:path'
import { CreationRefused } from './creation-refused.ts'
import type { CreateFlags } from './flags.ts'
import { type Project, readProject, type Surroundings } from './project.ts'
import { filesOf } from './project-files.ts'
import { checkEmpty, initRepository, install, writeFiles } from './project-folder.ts'
import { askForMissing } from './questions.ts'

/** How the command ends: well, with an install that failed, or with nothing made. */
export type CreateExitCode = 0 | 1 | 2

/** What was made. */
interface Created {
  readonly project: Project
  readonly files: readonly string[]
  readonly git: boolean
  /** `undefined` if that was not wanted. */
  readonly installed: boolean | undefined
}

/**
 * Makes the project of a plugin: `gatewright create-plugin`, `npm create gatewright-plugin`. Asks
 * on a terminal for what is missing. Returns the exit code.
 */
export async function createPlugin(
  name: string | undefined,
  flags: CreateFlags,
  surroundings: Surroundings = { cwd: process.cwd(), env: process.env },
): Promise<CreateExitCode> {
  try {
    const created = await create(name, flags, surroundings)
    if (flags.json === true) print(asJson(created))
    else print(asText(created, surroundings.cwd))
    return created.installed === false ? 1 : 0
  } catch (error) {
    if (!(error instanceof CreationRefused)) throw error
    complain(error, flags.json === true)
    return 2
  }
}

async function create(
  name: string | undefined,
  flags: CreateFlags,
  surroundings: Surroundings,
): Promise<Created> {
  const isComplete = name !== undefined && flags.kind !== undefined
  const asks = !isComplete && flags.yes !== true && flags.json !== true && isTerminal()
  const answers = asks ? await askForMissing(name, flags, process) : { name, flags }
  const project = readProject(answers.name, answers.flags, surroundings)
  const { folder, packageManager } = project
  await checkEmpty(folder)
  const files = await filesOf(project)
  await writeFiles(folder, files)
  const git = flags.git !== false && (await initRepository(folder))
  const installed =
    flags.install === false
      ? undefined
      : await install(packageManager, folder, flags.json === true ? 'stderr' : 'inherit')
  return { project, files: files.map(({ path }) => path), git, installed }
}

function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY
}

function asJson({ project, files, git, installed }: Created): string {
  const { packageName, folder, ...rest } = project
  const result = {
    ...rest,
    package: packageName,
    folder,
    files,
    git,
    installed: installed ?? false,
  }
  return JSON.stringify(result, undefined, 2)
}

function asText({ project, files, installed }: Created, cwd: string): string {
  const { packageName, folder, packageManager } = project
  const steps = [
    ...(folder === cwd ? [] : [`cd ${relative(cwd, folder)}`]),
    ...(installed === true ? [] : [`${packageManager} install`]),
    `${packageManager} run test`,
    `${packageManager} run dev    # then: curl -i http://127.0.0.1:8080/`,
  ]
  const made = `Made ${packageName}: ${files.length} files in ${folder}`
  const failed = `"${packageManager} install" failed; the files are there, so mend that and go on`
  return [
    ...(installed === false ? [made, failed] : [made]),
    '',
    'Next:',
    ...steps.map((step) => `  ${step}`),
    '',
    'The README tells what the files are for.',
  ].join('\n')
}

function complain({ message, suggestion, files }: CreationRefused, json: boolean): void {
  if (json) return print(JSON.stringify({ error: { message, suggestion, files } }, undefined, 2))
  const lines = [
    `error: ${message}`,
    ...files.map((file) => `  ${file}`),
    ...(suggestion === undefined ? [] : [`(Did you mean ${suggestion}?)`]),
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
