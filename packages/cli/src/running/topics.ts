/**
 * What a running gateway can be asked about, beside what it runs. Everything survives JSON.
 *
 * @module
 */
import type {
  Explanation,
  PipelineAnswer,
  RouteQuestion,
  StatusAnswer,
  TapsAnswer,
  TrafficAnswer,
} from '@gatewright/plugin-management'

interface Topic<Q, A> {
  readonly question: Q
  readonly answer: A
}

/** What any configuration can be asked that was built. */
export interface ConfigTopics {
  readonly explain: Topic<RouteQuestion, Explanation>
  readonly pipeline: Topic<{ readonly router: string; readonly phase?: string }, PipelineAnswer>
  readonly taps: Topic<{ readonly hook?: string }, TapsAnswer>
}

/** Question and answer of each topic. */
export interface Topics extends ConfigTopics {
  readonly status: Topic<null, StatusAnswer>
  readonly traffic: Topic<null, TrafficAnswer>
}

/** A question on its way. */
export interface TopicQuestion<T extends keyof Topics = keyof Topics> {
  readonly topic: T
  readonly question: Topics[T]['question']
}

/** Why a question has no answer. */
export interface Unanswered {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** What comes back: one of the two. */
export type TopicReply = { readonly answer: unknown } | { readonly unanswered: Unanswered }
