/** Whose turn it is among endpoints. Kept across reloads, so that they do not favour the first. */
export class Turn implements Disposable {
  /** Index at which the next search begins; a position, not a count, so that it cannot overflow. */
  next = 0;

  /** There is nothing to release, but `Scope.keep` must be able to ask. */
  [Symbol.dispose](): void {}
}
