/**
 * The text of a file that was usable last, kept over reloads: a file that happens to be broken during
 * one must not stop a change of something else.
 */
export class LastText implements Disposable {
  /** `undefined` until there has been an active configuration with it. */
  text: string | undefined = undefined;

  [Symbol.dispose](): void {
    this.text = undefined
  }
}
