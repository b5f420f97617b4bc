import type { RequestContext } from '@gatewright/kernel'

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const versions = { '1.0': 'HTTP/1.0', '1.1': 'HTTP/1.1', '2': 'HTTP/2.0' } as const

/**
 * A line as web servers have written it for ever (Common Log Format).
 * @param path As it may be told.
 * @param combined With referrer and user agent.
 */
export function commonLine(
  ctx: RequestContext,
  path: string,
  user: string | undefined,
  combined: boolean,
): string {
  const { head } = ctx.request
  const time = timeOf(new Date(performance.timeOrigin + ctx.startedAt))
  // Of a head that could not be read there is no method.
  const request = head.method === '' ? '' : `${head.method} ${path} ${versions[head.version]}`
  const line = `${ctx.clientAddress} - ${escaped(user && bytesOf(user))} [${time}] "${escaped(request)}" ${ctx.status} ${ctx.sent}`
  if (!combined) return line
  return `${line} "${escaped(head.headers.get('referer'))}" "${escaped(head.headers.get('user-agent'))}"`
}

/** Of text, each byte as a character, as the values of header fields have it. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/**
 * What could end a quoted text, or a line, as its hexadecimal code.
 * @param text Bytes as characters.
 */
function escaped(text: string | undefined): string {
  if (text === undefined || text === '') return '-'
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- these are what must not stand in a line.
    /["\\\u0000-\u001f\u007f-\uffff]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** `10/Oct/2000:13:55:36 +0000` */
function timeOf(date: Date): string {
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    .map((part) => two(part))
    .join(':')
  return `${day}:${time} +0000`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
