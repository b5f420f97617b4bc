const maxMembers = 32
const maxLength = 512
const maxKey = 256
const maxValue = 256

const simpleKey = /^[a-z][a-z\d_\-*/]*$/
/** Of a vendor with several systems: `tenant@vendor`. */
const tenantKey = /^[a-z\d][a-z\d_\-*/]{0,240}@[a-z][a-z\d_\-*/]{0,13}$/
/** Printable ASCII but `,` and `=`, no space at the end. */
const memberValue = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]*[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * One line out of those of a `tracestate`: its first 32 members, as far as 512 characters have room
 * for them. `undefined` if any is malformed (W3C Trace Context section 3.3.1).
 */
export function boundedState(lines: readonly string[]): string | undefined {
  let state = ''
  let members = 0
  for (const part of lines.join(',').split(',')) {
    const member = withoutBlanks(part)
    if (member === '') continue
    if (!isMember(member)) return undefined
    const length = state.length + member.length + (members === 0 ? 0 : 1)
    if (members === maxMembers || length > maxLength) continue
    state = members === 0 ? member : `${state},${member}`
    members++
  }
  return members === 0 ? undefined : state
}

function isMember(member: string): boolean {
  const split = member.indexOf('=')
  if (split < 1 || split > maxKey || member.length - split - 1 > maxValue) return false
  const key = member.slice(0, split)
  return (simpleKey.test(key) || tenantKey.test(key)) && memberValue.test(member.slice(split + 1))
}

/** Without spaces and tabs around it; `trim` would take more than that away. */
function withoutBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
