/** What is said behind `/jit break-glass TENANT`. */
export interface LookOptions {
  readonly reason?: string;
  /** One account alone. */
  readonly name?: string;
  readonly emergency: boolean;
  readonly accessPass: boolean;
}
