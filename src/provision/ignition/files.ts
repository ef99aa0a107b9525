/** A file that Ignition writes. */
export interface NodeFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
  /** Undefined: root. */
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}
