import { describe, expect, it } from 'vitest'
import { parseHcl } from '../src/index.ts'

const env = {
  NAME: 'value',
  PORT: '8080',
  FLAG: 'true',
  EMPTY: '',
  LIST: 'a,b,c',
  JSON: '{"k":[1,{"n":null}]}',
  BASE64: 'Z2F0ZXdyaWdodA==',
  SPACES: '  x \n',
}

const files: Readonly<Record<string, string>> = { '/etc/gateway/key.pem': 'KEY\n' }

describe('variables', () => {
  it.each([
    ['"${NAME}"', 'value'],
    ['NAME', 'value'],
    ['env.NAME', 'value'],
    ['env["NAME"]', 'value'],
    ['"${env.NAME}"', 'value'],
    ['env("NAME")', 'value'],
    ['"${env("NAME")}"', 'value'],
    ['env("NAME", "default")', 'value'],
    ['env("EMPTY", "default")', 'default'],
    ['env("NOT_SET", "default")', 'default'],
    ['env("NOT_SET", env("NAME"))', 'value'],
    ['env("NAME", NOT_SET)', 'value'],
    ['EMPTY', ''],
    ['"$${NAME}"', '${NAME}'],
    ['"%%{NAME}"', '%{NAME}'],
    [
      '[NAME, { "${NAME}" = PORT, (NAME == "x" ? "y" : "z") = 1 }]',
      ['value', { value: '8080', z: 1 }],
    ],
  ])('%s is %j', async (expression, expected) => {
    expect(await evaluate(expression)).toEqual(expected)
  })
})

describe('functions', () => {
  it.each([
    ['int(PORT)', 8080],
    ['int("-1")', -1],
    ['number("1.5")', 1.5],
    ['bool(FLAG)', true],
    ['bool("false")', false],
    ['upper(NAME)', 'VALUE'],
    ['lower("ÀB")', 'àb'],
    ['trimspace(SPACES)', 'x'],
    ['join("-", ["a", 1, true])', 'a-1-true'],
    ['split(",", LIST)', ['a', 'b', 'c']],
    ['concat([1], [], [2, 3])', [1, 2, 3]],
    ['concat([[1], [2]]...)', [1, 2]],
    ['coalesce(NOT_SET, EMPTY, null, NAME)', 'value'],
    ['coalesce("${NOT_SET}", env("NOT_SET"), "x")', 'x'],
    ['coalesce(false, true)', false],
    ['base64decode(BASE64)', 'gatewright'],
    ['jsondecode(JSON)', { k: [1, { n: null }] }],
    ['jsondecode(JSON).k[0]', 1],
    ['file("key.pem")', 'KEY\n'],
    ['trimspace(file("/etc/gateway/key.pem"))', 'KEY'],
  ])('%s is %j', async (expression, expected) => {
    expect(await evaluate(expression)).toEqual(expected)
  })
})

describe('operators', () => {
  it.each([
    ['1 + 2 * 3 - 4 / 8', 6.5],
    ['7 % 3', 1],
    ['-PORT', -8080],
    ['PORT + 1', 8081],
    ['(1 + 2) * 3', 9],
    ['1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3', true],
    ['!FLAG || FLAG', true],
    ['NAME == "value"', true],
    ['PORT == 8080', false],
    ['[1, { a = 2 }] == [1, { a = 2 }]', true],
    ['NAME != "other"', true],
    ['FLAG ? "yes" : "no"', 'yes'],
    ['NAME == "x" ? NOT_SET : "no"', 'no'],
    ['["a", "b"][1]', 'b'],
    ['{ a = { b = [7] } }.a.b[0]', 7],
    ['split(",", LIST)[2]', 'c'],
    ['{ value = 1 }[NAME]', 1],
    ['[\n  1 +\n  1,\n]', [2]],
    ['(\n  1 # one\n  + 1\n)', 2],
  ])('%s is %j', async (expression, expected) => {
    expect(await evaluate(expression)).toEqual(expected)
  })
})

async function evaluate(expression: string): Promise<unknown> {
  const document = await parseHcl(`x = ${expression}\n`, {
    file: '/etc/gateway/gateway.hcl',
    env,
    readFile: (path) => files[path] ?? '',
  })
  return document.config['x']
}
