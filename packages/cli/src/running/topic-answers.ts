import {
  asGatewayError,
  type Gateway,
  type Inspected,
  type RunningGateway,
} from '@gatewright/kernel'
import type { ProcessState } from '@gatewright/plugin-management'
import type { ConfigTopics, TopicQuestion, TopicReply, Topics } from './topics.ts'

/** What workers are asked by their supervisor. */
export const peerTopic = '@gatewright/cli'

/** What each of them says of itself. */
const stateTopic = '@gatewright/cli:state'

type Answers<S, T extends { readonly [K in keyof T]: { question: unknown; answer: unknown } }> = {
  readonly [K in keyof T]: (subject: S, question: T[K]['question']) => Promise<T[K]['answer']>
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

/** Answers about what runs in all processes that work alike. */
const runningAnswers: Answers<RunningGateway, Pick<Topics, 'status' | 'traffic'>> = {
  status: async (running) => (await makers()).statusOf(running, await processesOf(running)),
  traffic: async (running) => (await makers()).trafficOf(running, await processesOf(running)),
}

const answers: Answers<RunningGateway, Topics> = { ...configAnswers, ...runningAnswers }

/** Has this process tell the others how it does, for as long as it runs. */
export function answerPeers({ running }: Gateway): void {
  running.peers.answer(stateTopic, async () => (await makers()).ownState(running))
}

/** Answers for a gateway of this process. Never rejects. */
export async function answerTopic({ running }: Gateway, asked: unknown): Promise<TopicReply> {
  try {
    // Asked by another command of the same user; what is of another version has other topics.
    const { topic, question } = asked as TopicQuestion
    if (!Object.hasOwn(answers, topic)) throw new Error(`it knows nothing about "${topic}"`)
    // Each answer takes the question of its topic.
    const answer = answers[topic] as (
      running: RunningGateway,
      question: unknown,
    ) => Promise<unknown>
    return { answer: await answer(running, question) }
  } catch (error) {
    const { code, message, kind } = asGatewayError(error)
    return { unanswered: { code, message, ...(kind.hint !== undefined && { hint: kind.hint }) } }
  }
}

async function processesOf(running: RunningGateway): Promise<readonly ProcessState[]> {
  // Nobody else has this topic, and all of them have the same version of this package.
  const all = (await running.peers.ask(stateTopic)) as readonly ProcessState[]
  // This one at least can say how it does.
  return all.length > 0 ? all : [(await makers()).ownState(running)]
}
