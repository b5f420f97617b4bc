/** Nothing was made, since what was asked for makes no sense: exit code 2. */
export class CreationRefused extends Error {
  override readonly name = 'CreationRefused'
  /** What to type instead, if there is something near. */
  readonly suggestion: string | undefined
  /** What is in the way. */
  readonly files: readonly string[]

  constructor(
    message: string,
    { suggestion, files = [] }: { suggestion?: string | undefined; files?: readonly string[] } = {},
  ) {
    super(message)
    this.suggestion = suggestion
    this.files = files
  }
}
