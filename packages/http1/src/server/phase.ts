/**
 * What a connection of a client is at. `idle`: between requests; `head`: a head has begun;
 * `exchange`: until the response is out; `draining`: the rest of the request is thrown away;
 * `lingering`: no more is sent; `switched`: another protocol goes on.
 */
export type Phase = 'idle' | 'head' | 'exchange' | 'draining' | 'lingering' | 'switched' | 'closed'

/** Whether the client has its response, and only the rest of what it sends is looked at. */
export function isEnding(phase: Phase): boolean {
  return phase === 'draining' || phase === 'lingering'
}
