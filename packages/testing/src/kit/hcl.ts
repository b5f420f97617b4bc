/**
 * HCL in a test. Values stand where they are put, text as it is and lists as HCL writes them; an
 * editor may colour what is in the quotes. `\${NAME}` is a variable of the configuration.
 */
export function hcl(strings: TemplateStringsArray, ...values: readonly HclValue[]): string {
  return strings.reduce((text, string, i) => `${text}${written(values[i - 1])}${string}`)
}

/** What may stand in {@link hcl}. */
export type HclValue = string | number | boolean | URL | readonly (string | number | boolean)[]

function written(value: HclValue | undefined): string {
  if (typeof value === 'object' && !(value instanceof URL)) return JSON.stringify(value)
  return String(value)
}
