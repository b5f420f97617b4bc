/**
 * Imports the module of a plugin, and says what is wrong with it in words that help its author.
 *
 * @module
 */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  checkPlugin,
  type GatewayError,
  errors as kernelErrors,
  nearest,
  type Plugin,
  problemOf,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import { isRecord, packageAround } from './manifest.ts'

/** How long importing a plugin may take unless its block says something else, in milliseconds. */
const importTimeoutMs = 10_000

/**
 * The default export of a file; each file once per process, since Node keeps the module. Throws
 * GW_PLUGIN_IMPORT_FAILED, GW_PLUGIN_TYPESCRIPT, GW_PLUGIN_NO_DEFAULT_EXPORT, GW_PLUGIN_INVALID and
 * GW_PLUGIN_TIMEOUT.
 * @param root Of the plugin's code, to tell its part of a stack from that of others.
 */
export async function importPlugin(
  source: string,
  file: string,
  root: string,
  timeoutMs: number = importTimeoutMs,
): Promise<Plugin> {
  const module = await load(source, file, root, timeoutMs)
  const exported = module['default']
  // CommonJS packages that were compiled from ES modules have a default in their default.
  const inner: unknown =
    isRecord(exported) && 'default' in exported ? exported['default'] : exported
  if (inner === undefined) {
    const found = Object.keys(module).filter(
      (name) => name !== 'default' && name !== 'module.exports',
    )
    throw errors.GW_PLUGIN_NO_DEFAULT_EXPORT({ source, found })
  }
  try {
    checkPlugin(inner)
  } catch (error) {
    throw kernelErrors.GW_PLUGIN_INVALID(
      { found: `${foundIn(error)} as default export of "${source}"` },
      { cause: error },
    )
  }
  // It was checked just now.
  return inner as Plugin
}

async function load(
  source: string,
  file: string,
  root: string,
  timeoutMs: number,
): Promise<Record<string, unknown>> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(tooSlow(source, timeoutMs)), timeoutMs)
  try {
    return await Promise.race([import(pathToFileURL(file).href), late.promise])
  } catch (error) {
    throw isTimeout(error) ? error : await failureOf(error, source, file, root)
  } finally {
    clearTimeout(timer)
  }
}

function tooSlow(source: string, timeoutMs: number): GatewayError {
  const params = { owner: `plugin "${source}"`, where: 'its import', timeoutMs }
  const hint =
    'its module waits for something ("await" at top level); do that in scope.onActivate, ' +
    'or give it more time: timeout = "30s" in its "plugins" block'
  return kernelErrors.GW_PLUGIN_TIMEOUT(params, { hint })
}

function isTimeout(error: unknown): boolean {
  return codeOf(error) === 'GW_PLUGIN_TIMEOUT'
}

/** What Node cannot run although it is TypeScript; what is none is a plain mistake. */
const typescriptCodes: readonly string[] = [
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
]

async function failureOf(
  error: unknown,
  source: string,
  file: string,
  root: string,
): Promise<GatewayError> {
  const problem = problemOf(error).split('\n')[0] ?? ''
  const frame =
    frameOf(error, root) ??
    (error instanceof SyntaxError ? await syntaxFrame(file, root) : undefined)
  const code = codeOf(error)
  const params = { source, problem, frame }
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
    const hint =
      'Node runs no TypeScript below node_modules: let "exports" name the built JavaScript'
    return errors.GW_PLUGIN_TYPESCRIPT(params, { cause: error, hint })
  }
  const isOther = code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.(?:tsx|jsx)"?/.test(problem)
  if (isOther || (code !== undefined && typescriptCodes.includes(code))) {
    return errors.GW_PLUGIN_TYPESCRIPT(params, { cause: error })
  }
  const hint =
    moduleHint(problem, file) ?? (await missingFileHint(problem)) ?? hintFor(code, problem)
  return errors.GW_PLUGIN_IMPORT_FAILED(params, {
    cause: error,
    ...(hint !== undefined && { hint }),
  })
}

/** For a file with "import" or "export" that Node takes for CommonJS, as npm init has it. */
function moduleHint(problem: string, file: string): string | undefined {
  if (!/import statement outside a module|Unexpected token 'export'/.test(problem)) return undefined
  const around = packageAround(dirname(file), false)
  if (around === undefined || around.manifest['type'] === 'module') return undefined
  return `"type" in ${join(around.root, 'package.json')} says that it is CommonJS; in that folder: npm pkg set type=module`
}

/** For a relative import that has an ending, and of which there is no file. */
async function missingFileHint(problem: string): Promise<string | undefined> {
  const [, missing] = /Cannot find module '([^']+)' imported from/.exec(problem) ?? []
  if (missing === undefined || !/\.(?:[cm]?[jt]s|json|node|wasm)$/.test(missing)) return undefined
  const name = basename(missing)
  // The folder may be missing as well.
  const candidate = nearest(name, await readdir(dirname(missing)).catch(() => []))
  if (candidate === undefined) return `there is no file like "${name}" in ${dirname(missing)}`
  return `there is no "${name}"; did you mean "${candidate}"?`
}

function hintFor(code: string | undefined, problem: string): string | undefined {
  const [, missing] = /Cannot find package '([^']+)'/.exec(problem) ?? []
  if (missing?.startsWith('@gatewright/') === true) {
    return `it is not installed where the plugin is looked for; in the plugin's folder: npm install ${missing}`
  }
  if (missing !== undefined) return `the plugin needs "${missing}": install it beside the plugin`
  if (code === 'ERR_INVALID_TYPESCRIPT_SYNTAX') return 'mend its syntax'
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return 'a relative import needs the ending of its file: import "./part.ts"'
  }
  if (/does not provide an export named/.test(problem)) {
    return 'what it imports is of another version than it was written for'
  }
  return undefined
}

/**
 * Where the syntax of a file is wrong: only a Node that ends because of it tells. `undefined` if it is
 * another file that is wrong.
 */
function syntaxFrame(file: string, root: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', file], { timeout: 5000 }, (_error, _stdout, stderr) =>
      resolve(placeIn(stderr.split('\n')[0] ?? '', root)),
    )
  })
}

/** Where in the plugin it went wrong: the first place of the stack that is in its folder. */
function frameOf(error: unknown, root: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const line of stack.split('\n')) {
    const place = placeIn(line, root)
    if (place !== undefined) return place
  }
  return undefined
}

function placeIn(line: string, root: string): string | undefined {
  const [, place] = /(file:\/\/[^\s)]+|\/[^\s():]+:\d+(?::\d+)?)/.exec(line) ?? []
  const path = place === undefined ? undefined : pathOf(place)
  return path?.startsWith(root) === true && /:\d+$/.test(path) ? path : undefined
}

function pathOf(place: string): string | undefined {
  if (!place.startsWith('file:')) return place
  const [, url = place, position = ''] = /^(.*?)((?::\d+)*)$/.exec(place) ?? []
  try {
    return fileURLToPath(url) + position
  } catch {
    // Something that only looks like a URL.
    return undefined
  }
}

/** The end of the message of GW_PLUGIN_INVALID. */
function foundIn(error: unknown): string {
  return problemOf(error).replace(/^.*?, found /, '')
}

function codeOf(error: unknown): string | undefined {
  return isRecord(error) && typeof error['code'] === 'string' ? error['code'] : undefined
}
