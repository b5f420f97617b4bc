import { asGatewayError, type Gateway, type Inspected } from '@gatewright/kernel'
import type { ConfigTopics, TopicQuestion, TopicReply } from './topics.ts'

/** What workers are asked by their supervisor. */
export const peerTopic = '@gatewright/cli'

type Answers<
  S,
  Topics extends { readonly [T in keyof Topics]: { question: unknown; answer: unknown } },
> = {
  readonly [T in keyof Topics]: (
    subject: S,
    question: Topics[T]['question'],
  ) => Promise<Topics[T]['answer']>
}

// Nobody pays for loading what makes answers before there is a question.
const makers = (): Promise<typeof import('@gatewright/plugin-management')> =>
  import('@gatewright/plugin-management')

/** Answers about a configuration that was built. */
export const configAnswers: Answers<Inspected, ConfigTopics> = {
  explain: async (inspected, question) => (await makers()).explain(inspected, question),
  pipeline: async (inspected, { router, phase }) =>
    (await makers()).pipeline(inspected, router, phase),
  taps: async (inspected, { hook }) => (await makers()).taps(inspected, hook),
}

/** Answers for a gateway of this process. Never rejects. */
export async function answerTopic(gateway: Gateway, asked: unknown): Promise<TopicReply> {
  try {
    // Asked by another command of the same user; what is of another version has other topics.
    const { topic, question } = asked as TopicQuestion
    if (!Object.hasOwn(configAnswers, topic)) throw new Error(`it knows nothing about "${topic}"`)
    // Each answer takes the question of its topic.
    const answer = configAnswers[topic] as (gateway: Gateway, question: unknown) => Promise<unknown>
    return { answer: await answer(gateway, question) }
  } catch (error) {
    const { code, message, kind } = asGatewayError(error)
    return { unanswered: { code, message, ...(kind.hint !== undefined && { hint: kind.hint }) } }
  }
}
