/**
 * Writes pages for everything that the packages export, from their types and comments, into a
 * folder that git does not track.
 *
 * @module
 */
import { join } from 'node:path'
import {
  Application,
  type Comment,
  Converter,
  Logger,
  LogLevel,
  PageEvent,
  type ProjectReflection,
  ReflectionKind,
  TSConfigReader,
  type TypeDocOptions,
} from 'typedoc'
import { load, MarkdownRendererEvent, type PluginOptions } from 'typedoc-plugin-markdown'
import type { Entry } from './api-entries.ts'
import { type ApiModule, ApiRouter, modulesOf } from './api-router.ts'
import { root } from './readmes.ts'

/** What was written, and what is wrong with what it was written from. */
export interface Api {
  readonly modules: readonly ApiModule[]
  /**
   * Exports without a comment, types that they mention but no entry exports, and links that lead
   * nowhere.
   */
  readonly problems: readonly string[]
}

/**
 * Types that entries mention but do not export: objects whose types say what they have (`typeof`), and
 * the inner parts of engines.
 */
const internals: Readonly<Record<string, string[]>> = {
  '@gatewright/cli': ['exitCodes'],
  '@gatewright/config-hcl': ['catalogue'],
  '@gatewright/http1': [
    'BodyHost',
    'ClientConnection',
    'HostMemory',
    'OutSlab',
    'PipelinedConnection',
    'SwitchHost',
    'SwitchedWire',
    'WriterHost',
    'catalogue',
  ],
  '@gatewright/kernel': ['IsAny', 'RunningView', 'catalogue'],
  '@gatewright/plugin-jwt': ['algorithmNames'],
  '@gatewright/tls': ['HandshakeTerms'],
}

/** Whether the sources have errors is not the business of the TypeScript that reads them here. */
const options: TypeDocOptions & Partial<PluginOptions> = {
  name: 'API reference',
  logLevel: LogLevel.Warn,
  skipErrorChecking: true,
  plugin: [load],
  router: 'gatewright',
  readme: 'none',
  excludeExternals: true,
  excludeInternal: true,
  disableSources: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  alwaysCreateEntryPointModule: true,
  entryFileName: 'index',
  excludeScopesInPaths: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  indexFormat: 'table',
  parametersFormat: 'table',
  useCodeBlocks: true,
  expandParameters: true,
  // The site would make others of headings that are repeated. An interface has a `properties`, too,
  // under the heading "Properties".
  useCustomAnchors: true,
  anchorPrefix: 'api-',
}

/**
 * Writes the pages of these entries into the folder, in place of all that it has.
 *
 * @param tsconfig Has to include the entries
 */
export async function writeApi(
  entries: readonly Entry[],
  folder: string,
  tsconfig: string = join(root, 'docs/tsconfig.api.json'),
): Promise<Api> {
  const entryPoints = entries.map(({ file }) => file)
  const app = await Application.bootstrapWithPlugins({ ...options, entryPoints, tsconfig }, [
    new TSConfigReader(),
  ])
  const problems: string[] = []
  app.logger = new ProblemLogger(problems)
  app.renderer.defineRouter('gatewright', ApiRouter)
  nameAsImported(app, entries)

  const project = await app.convert()
  if (project === undefined) throw new Error(`typedoc: ${problems.join('\n')}`)
  app.validate(project)
  findUnexported(app, project, entries)
  lendComments(project)
  problems.push(...findUndocumented(project))
  const modules: ApiModule[] = []
  app.renderer.on(MarkdownRendererEvent.BEGIN, () => {
    const { router } = app.renderer
    if (router !== undefined) modules.push(...modulesOf(project, router))
  })
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    // Their headings lack the anchors to which these links lead.
    page.contents = (page.contents ?? '').replace(/\[(`constructor`)\]\([^)]*\)/g, '$1')
  })
  await app.outputs.writeOutput({ name: 'markdown', path: folder }, project)
  return { modules, problems }
}

/** TypeDoc looks for them only in the package that the project is said to be. */
function findUnexported(
  app: Application,
  project: ProjectReflection,
  entries: readonly Entry[],
): void {
  app.options.setValue('validation', { notExported: true, invalidLink: false })
  for (const name of new Set(entries.map(packageOf))) {
    app.options.setValue('intentionallyNotExported', internals[name] ?? [])
    project.packageName = name
    app.validate(project)
  }
}

function packageOf({ name }: Entry): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}

/** What there is to say of a plugin stands at the head of the file that exports it. */
function lendComments({ children: modules = [] }: ProjectReflection): void {
  for (const { comment, children = [] } of modules) {
    const plugin = children.find(({ name }) => name === 'default')
    if (comment !== undefined && plugin !== undefined) plugin.comment ??= comment.clone()
  }
}

/** Exports without a comment. Members may do without: some say everything by their names. */
function findUndocumented({ children: modules = [] }: ProjectReflection): string[] {
  return modules.flatMap(({ name, children = [] }) =>
    children
      .filter((reflection) => !reflection.kindOf(ReflectionKind.Reference))
      .filter(({ comment, signatures = [] }) => [{ comment }, ...signatures].every(isSilent))
      .map((reflection) => `${name}: ${reflection.name} has no comment`),
  )
}

const isSilent = ({ comment }: { readonly comment?: Comment | undefined }): boolean =>
  comment === undefined || !comment.hasVisibleComponent()

/** Calls modules by what is imported, not by their files. */
function nameAsImported({ converter }: Application, entries: readonly Entry[]): void {
  const names = new Map(entries.map(({ name, file }) => [file, name]))
  converter.on(Converter.EVENT_CREATE_DECLARATION, ({ project }, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    const file = project.getSymbolIdFromReflection(reflection)?.fileName
    if (file !== undefined) reflection.name = names.get(file) ?? reflection.name
  })
}

/** Keeps what there is to complain about. */
class ProblemLogger extends Logger {
  readonly #problems: string[]

  constructor(problems: string[]) {
    super()
    this.#problems = problems
  }

  override log(message: string, level: LogLevel): void {
    super.log(message, level)
    if (level >= LogLevel.Warn) this.#problems.push(message)
  }
}
