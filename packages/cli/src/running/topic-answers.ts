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

/** One of the gateways that work alike. */
export interface OneOfSeveral {
  readonly gateway: Gateway
  /** How many there are, this one included. */
  readonly workers: number
}

/** Answers about what runs in all processes that work alike. */
const runningAnswers: Answers<OneOfSeveral, Pick<Topics, 'status' | 'traffic'>> = {
  status: async (one) => (await makers()).statusOf(one.gateway.running, await processesOf(one)),
  traffic: async (one) => (await makers()).trafficOf(one.gateway.running, await processesOf(one)),
}

/** Has this process tell the others how it does, for as long as it runs. */
export function answerPeers({ running }: Gateway): void {
  running.peers.answer(
    stateTopic,
    async () => (await makers()).ownState(running),
    async () => (await makers()).totalsOf(running),
  )
}

/** Answers on behalf of a gateway of this process. Never rejects. */
export async function answerTopic(one: OneOfSeveral, asked: unknown): Promise<TopicReply> {
  try {
    return { answer: await answer(one, asked) }
  } catch (error) {
    const { code, message, kind } = asGatewayError(error)
    return { unanswered: { code, message, ...(kind.hint !== undefined && { hint: kind.hint }) } }
  }
}

async function answer(one: OneOfSeveral, asked: unknown): Promise<unknown> {
  // Asked by another command of the same user; what is of another version has other topics.
  const { topic, question } = asked as TopicQuestion
  // Each answer takes the question of its topic.
  if (Object.hasOwn(configAnswers, topic)) {
    const make = configAnswers[topic as keyof ConfigTopics] as Answer<Inspected>
    return await make(one.gateway, question)
  }
  if (Object.hasOwn(runningAnswers, topic)) {
    const make = runningAnswers[topic as keyof typeof runningAnswers] as Answer<OneOfSeveral>
    return await make(one, question)
  }
  throw new Error(`it knows nothing about "${topic}"`)
}

type Answer<S> = (subject: S, question: unknown) => Promise<unknown>

async function processesOf({ gateway, workers }: OneOfSeveral): Promise<readonly ProcessState[]> {
  const { running } = gateway
  let all = await askPeers(running)
  // Some had to load first what makes the answer, which may have taken too long.
  if (all.length < workers) all = await askPeers(running)
  // This one at least can say how it does.
  return all.length > 0 ? all : [(await makers()).ownState(running)]
}

async function askPeers({ peers }: RunningGateway): Promise<readonly ProcessState[]> {
  return (await makers()).statesOf(await peers.survey(stateTopic))
}
