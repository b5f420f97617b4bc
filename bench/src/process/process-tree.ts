import { readdirSync, readFileSync } from 'node:fs'

/** A process and all of its descendants, itself first. Only itself where there is no `/proc`. */
export function pidsOfTree(root: number): readonly number[] {
  const children = new Map<number, number[]>()
  for (const pid of allPids()) {
    const parent = tryParent(pid)
    if (parent === undefined) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [pid])
    else siblings.push(pid)
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

/**
 * The fields of `/proc/PID/stat` behind the command, whose name may hold blanks and brackets. The
 * first one is the third of proc(5), the state.
 */
export function fieldsOfStat(stat: string): readonly string[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .trim()
    .split(' ')
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** `undefined` if the process has ended in the meantime. */
function tryParent(pid: number): number | undefined {
  try {
    return Number(fieldsOfStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1])
  } catch {
    return undefined
  }
}
