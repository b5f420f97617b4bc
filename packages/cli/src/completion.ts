/**
 * Completion scripts for shells, made from the commands themselves.
 *
 * @module
 */
import type { Command } from 'commander'

/** The shells there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const

/** One of {@link shells}. */
export type Shell = (typeof shells)[number]

/** What can follow a command. */
interface Place {
  /** Names of the commands that lead there: `plugin list`; empty for the command itself. */
  readonly path: string
  readonly commands: readonly Word[]
  readonly options: readonly Word[]
}

interface Word {
  readonly text: string
  readonly description: string
}

/** The script that a user of the shell loads. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, '')
  if (shell === 'fish') return fishScript(places)
  const script = bashScript(places)
  // zsh understands the completions of bash.
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script
}

function placesOf(command: Command, path: string): Place[] {
  const help = command.createHelp()
  const inner = help.visibleCommands(command).filter((one) => one.name() !== 'help')
  const commands = inner.flatMap((one) =>
    [one.name(), ...one.aliases()].map((text) => ({ text, description: one.description() })),
  )
  const options = help.visibleOptions(command).flatMap(({ long, description }) => {
    return long === undefined || long === null ? [] : [{ text: long, description }]
  })
  const below = inner.flatMap((one) =>
    [one.name(), ...one.aliases()].flatMap((name) => placesOf(one, `${path} ${name}`.trim())),
  )
  return [{ path, commands, options }, ...below]
}

function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ path, commands, options }) => {
    const words = [...commands, ...options].map(({ text }) => text).join(' ')
    return `    "${path}") words="${words}" ;;`
  })
  return `_gatewright() {
  local word="\${COMP_WORDS[COMP_CWORD]}" path="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
${places
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      "${path.includes(' ') ? path : ` ${path}`}") path="${path}" ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  # What is no command and no option is a file.
  [[ \${#COMPREPLY[@]} -gt 0 || "$word" == -* ]] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _gatewright gatewright`
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const names = commands.map(({ text }) => text).join(' ')
    const seen =
      path === '' ? [] : path.split(' ').map((name) => `__fish_seen_subcommand_from ${name}`)
    const not = names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]
    const condition = [...seen, ...not].join('; and ')
    const where = condition === '' ? '' : ` -n ${quote(condition)}`
    return [
      ...commands.map(
        ({ text, description }) =>
          `complete -c gatewright -f${where} -a ${text} -d ${quote(description)}`,
      ),
      ...options.map(
        ({ text, description }) =>
          `complete -c gatewright${where} -l ${text.slice(2)} -d ${quote(description)}`,
      ),
    ]
  })
  return lines.join('\n')
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
