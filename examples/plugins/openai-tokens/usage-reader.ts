/** How many tokens an answer has cost. */
export interface Usage {
  readonly prompt: number
  readonly completion: number
}

/** Usage is the last thing that servers say, in a document as in a stream of events. */
const keptBytes = 2048
const pattern = /"usage"\s*:\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g

/** Finds what an answer in the format of OpenAI has cost, without holding it. */
export class UsageReader {
  #end = ''

  push(bytes: Uint8Array): void {
    // Numbers and keys are ASCII, whatever stands around them.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    this.#end = (this.#end + text).slice(-keptBytes)
  }

  /** `undefined` if the answer does not say, as streams do that were not asked to. */
  read(): Usage | undefined {
    const [, usage] = [...this.#end.matchAll(pattern)].at(-1) ?? []
    if (usage === undefined) return undefined
    return {
      prompt: numberAt(usage, 'prompt_tokens'),
      completion: numberAt(usage, 'completion_tokens'),
    }
  }
}

function numberAt(usage: string, key: string): number {
  return Number(new RegExp(`"${key}"\\s*:\\s*(\\d+)`).exec(usage)?.[1] ?? 0)
}
