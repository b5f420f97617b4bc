/**
 * What this package can find wrong with a configuration. Codes are permanent.
 *
 * What a value must look like is the business of schemas, so codes such as `GW_CONFIG_UNKNOWN_KEY`
 * and `GW_CONFIG_RANGE` come from the kernel.
 */
export const problemCodes = {
  GW_CONFIG_SYNTAX: 'the text is not HCL',
  GW_CONFIG_FILE: 'a file cannot be read, or is not UTF-8',
  GW_CONFIG_TOO_LARGE: 'the text is larger, or nested deeper, than is accepted',
  GW_CONFIG_DUPLICATE: 'something is defined twice where one definition would be lost',
  GW_CONFIG_BLOCK_REPEATED: 'a block stands twice where there can be only one',
  GW_CONFIG_LABEL: 'a block has no label, an empty one, or too many',
  GW_CONFIG_NAME: 'a name that would damage JavaScript objects, such as `__proto__`',
  GW_CONFIG_NUMBER: 'a number that is too large to be exact',
  GW_CONFIG_EXPRESSION: 'an expression that is not supported, or cannot be evaluated',
  GW_CONFIG_MISSING_ENV: 'an environment variable is not set',
  GW_CONFIG_TYPE: 'text from outside of the file cannot be read as the type that is wanted',
} as const satisfies Readonly<Record<`GW_CONFIG_${string}`, string>>

/** A code of {@link problemCodes}. */
export type ProblemCode = keyof typeof problemCodes
