/** What a candidate of ours has to reach beside another one in the same run. */
export interface Bar {
  readonly scenario: string
  readonly gateway: string
  /** `undefined`: the figure itself is what counts. */
  readonly beside: string | undefined
  /** The metric of the scenario, of which less is better, or requests per second. */
  readonly figure: 'metric' | 'rate'
  readonly must: number
  /** What we would be proud of, where it says anything. */
  readonly stretch: number | undefined
}

/** A bar on the ratio of what is measured. */
function ratio(
  scenario: string,
  gateway: string,
  beside: string,
  must: number,
  stretch?: number,
): Bar {
  return { scenario, gateway, beside, figure: 'metric', must, stretch }
}

/** A bar on bytes for each connection. */
function bytes(scenario: string, gateway: string, must: number, stretch: number): Bar {
  return { scenario, gateway, beside: undefined, figure: 'metric', must, stretch }
}

/** A bar on the ratio of requests per second. */
function rate(scenario: string, gateway: string, beside: string, must: number): Bar {
  return { scenario, gateway, beside, figure: 'rate', must, stretch: undefined }
}

/** Every bar, in the order of the scenarios. */
export const bars: readonly Bar[] = [
  ratio('A', 'gatewright', 'nginx', 1.2, 1.05),
  ratio('A', 'gatewright-full', 'nginx', 1.2, 1.05),
  ratio('A', 'gatewright-full', 'haproxy', 1.1, 0.95),
  ratio('A', 'gatewright-full', 'fastify-http-proxy', 1 / 5, 1 / 7),
  ratio('A', 'gatewright-full', 'undici', 1 / 3, 1 / 4),
  ratio('A', 'gatewright-logged', 'nginx-logged', 1.35, 1.15),
  ratio('A256', 'gatewright', 'nginx', 1.15, 0.95),
  ratio('AC', 'gatewright-logged', 'nginx-logged', 1.3, 1.05),
  ratio('AO', 'gatewright-off', 'gatewright', 1.05),
  ratio('AO', 'gatewright-debug', 'gatewright', 1.05),
  ratio('AO', 'gatewright-observed', 'nginx-logged', 1.35, 1.15),
  ratio('A1000', 'gatewright-routers', 'gatewright', 1.05),
  ratio('A5', 'gatewright-five', 'nginx-five', 1.6, 1.3),
  ratio('portable', 'gatewright-portable', 'nginx', 2, 1.5),
  ratio('portable', 'gatewright-portable', 'fastify-http-proxy', 1 / 3, 1 / 4.5),
  ratio('pipeline', 'gatewright-pipeline', 'nginx', 0.9, 0.75),
  ratio('B', 'gatewright', 'nginx', 1.1, 0.95),
  ratio('C1', 'gatewright', 'nginx', 1.3, 1.1),
  ratio('C1', 'gatewright', 'node-http', 0.5, 0.4),
  ratio('C64', 'gatewright', 'nginx', 1.3, 1.1),
  ratio('U', 'gatewright', 'nginx', 1.3),
  ratio('G', 'gatewright', 'nginx', 1.25, 1.05),
  bytes('H', 'gatewright', 6000, 3000),
  ratio('K', 'gatewright', 'nginx', 2.2, 1.3),
  ratio('I', 'gatewright', 'nginx', 2.5, 1.5),
  ratio('I1', 'gatewright', 'nginx', 2.5, 1.5),
  rate('W', 'gatewright-workers', 'gatewright', 1.8),
  ratio('D', 'gatewright', 'nginx', 1.25, 1.05),
  ratio('D1', 'gatewright', 'nginx', 1.7, 1.4),
  ratio('DH', 'gatewright', 'node-https', 0.7, 0.5),
  ratio('E', 'gatewright', 'nginx', 0.9, 0.7),
  ratio('E', 'gatewright', 'haproxy', 1.05, 0.9),
  ratio('E', 'gatewright', 'node-http2', 1 / 4, 1 / 6),
  ratio('E', 'gatewright-pipeline', 'nginx', 0.55, 0.4),
  ratio('EE', 'gatewright', 'nginx', 1.1, 0.8),
  ratio('EE', 'gatewright', 'node-http2-both', 1 / 4, 1 / 8),
  ratio('F', 'gatewright', 'haproxy', 1.2, 1),
  ratio('F16', 'gatewright', 'haproxy', 0.9, 0.7),
]
