/** How a workflow speaks to the person who waits for it. */
export interface Progress {
  /** First line of a workflow. */
  title(text: string): void;
  /**
   * What is being done now; shown while it lasts, in a terminal.
   * @param rows below it, of each thing that is under way
   */
  begin(text: string, rows?: readonly string[]): void;
  /** How far a long transfer is. @param doing `uploading` unless it says another */
  transfer(what: string, sentBytes: number, totalBytes: number, doing?: string): void;
  /** A step that is done: a line that stays. */
  done(text: string, tookMs?: number): void;
  /** Last line of a workflow. */
  success(text: string): void;
  /** Something to know that is not part of the result. */
  note(text: string): void;
}
