/**
 * How the command ends: `failed` stands for configuration, validation and plugin problems, `no` for
 * an answer: something would change (`diff --exit-code`), nobody takes a request (`explain`).
 */
export const exitCodes = { ok: 0, failed: 1, usage: 2, listen: 3, no: 4 } as const

/** How the command ended: 0 well, 1 it failed, 2 wrong usage, 3 cannot listen, 4 the answer is no. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
