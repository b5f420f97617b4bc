/**
 * How the command ends: `failed` stands for configuration, validation and plugin problems,
 * `changes` for what `diff --exit-code` has found.
 */
export const exitCodes = { ok: 0, failed: 1, usage: 2, listen: 3, changes: 4 } as const

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
