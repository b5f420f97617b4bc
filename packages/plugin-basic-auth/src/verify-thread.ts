/**
 * The thread that verifies passwords: one question, one answer.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads'
import { isPasswordOf } from './slow-hashes.ts'

/** What the thread is asked. */
export interface Question {
  readonly hash: string
  readonly password: string
}

/** What it says. */
export type Answer = { readonly fits: boolean } | { readonly problem: string }

parentPort?.on('message', (question: Question) => void answer(question))

async function answer({ hash, password }: Question): Promise<void> {
  parentPort?.postMessage(await answerTo(hash, password))
}

async function answerTo(hash: string, password: string): Promise<Answer> {
  try {
    return { fits: await isPasswordOf(hash, password) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
