/**
 * Runs in a thread of its own: the parser defines globals, keeps some 80 MB, blocks while it works,
 * and can hang or die on hostile input.
 *
 * @module
 */
import { createRequire } from 'node:module'
import { parentPort } from 'node:worker_threads'
import type { GrammarReply, GrammarRequest, HclToJson } from './grammar.ts'

const require = createRequire(import.meta.url)
// The package has no types that we could use; this is the part of it that we call.
const grammar = require('@cdktf/hcl2json') as HclToJson

parentPort?.on('message', (request: GrammarRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply))
})

/** Never rejects. */
async function answer(request: GrammarRequest): Promise<GrammarReply> {
  try {
    if (request.kind === 'parse') return { value: await grammar.parse(request.name, request.text) }
    const trees = request.sources.map((source) => grammar.getExpressionAst('', source))
    return { value: await Promise.all(trees) }
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) }
  }
}
