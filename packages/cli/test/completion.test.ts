import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { runCli } from './cli.ts'

const run = promisify(execFile)

describe('completion', () => {
  it.each([
    ['', ['start', 'validate', 'plugin', 'dev', '--config']],
    ['pl', ['plugin']],
    ['plugin ', ['list', 'info', 'doctor']],
    ['plugin docs --ch', ['--check']],
    ['config ro', ['routes']],
    ['diff --', ['--from', '--exit-code']],
  ])('of bash completes "gatewright %s"', async (typed, expected) => {
    const { stdout: script } = await runCli(['completion', 'bash'])
    const words = ['gatewright', ...typed.split(' ')]
    const list = words.map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _gatewright; printf '%s\\n' "\${COMPREPLY[@]}"`

    const { stdout } = await run('bash', ['-c', `${script}\n${ask}`])

    expect(stdout.split('\n')).toEqual(expect.arrayContaining(expected))
  })

  it('knows three shells and no other', async () => {
    const fish = await runCli(['completion', 'fish'])
    const zsh = await runCli(['completion', 'zsh'])
    const other = await runCli(['completion', 'tcsh'])

    expect(fish.stdout).toContain("complete -c gatewright -n '__fish_seen_subcommand_from plugin;")
    expect(zsh.stdout).toContain('bashcompinit')
    expect(other).toMatchObject({ code: 2 })
  })
})
