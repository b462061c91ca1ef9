// Errors a person or a script sees. One place (app/api/route.ts) turns codes into HTTP answers.

export interface WaybillErrorOptions {
  /** HTTP status the code answers with. */
  status?: number;
  /** Whether the same request may succeed later without a change. */
  retryable?: boolean;
  /** Machine-readable facts; sent to the client, so never a secret. */
  detail?: Record<string, unknown>;
  cause?: unknown;
}

/**
 * An error with a stable code. The message says what happened, where, and what to do about it.
 * Anything else that reaches a route handler is a bug and answers 500 with an id.
 */
export class WaybillError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly detail: Record<string, unknown>;

  constructor(code: string, message: string, options: WaybillErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WaybillError';
    this.code = code;
    this.status = options.status ?? 400;
    this.retryable = options.retryable ?? false;
    this.detail = options.detail ?? {};
  }
}

/** The text of anything that was thrown, for logs and status rows. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !error.message) return errorText(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
