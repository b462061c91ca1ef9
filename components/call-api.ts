/** A refusal of the API in words a person can act on (RFC 9457). */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly facts: Record<string, unknown>;
  /** Under which the log has more; null where the server could not be reached. */
  readonly id: string | null;

  constructor(problem: { code: string; status: number; detail: string; retryable?: boolean; facts?: Record<string, unknown>; instance?: string }) {
    super(problem.detail);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.retryable = problem.retryable ?? false;
    this.facts = problem.facts ?? {};
    this.id = problem.instance?.replace('urn:uuid:', '') ?? null;
  }
}

/**
 * Calls Waybill's API from a page. The path comes without host: "/api/v1/replays".
 * @returns the answer's JSON, undefined for 204
 * @throws ApiError with the sentence to show
 */
export async function callApi<Answer>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, options: { headers?: Record<string, string>; signal?: AbortSignal } = {}): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal ? { signal: options.signal } : {}),
      credentials: 'same-origin',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ code: 'unreachable', status: 0, detail: 'Waybill does not answer. Check that it is running and that you are connected, then try again.', retryable: true });
  }
  if (response.status === 204) return undefined as Answer;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  const problem = answer as ConstructorParameters<typeof ApiError>[0] | null;
  throw new ApiError(problem?.code ? problem : { code: 'bad-answer', status: response.status, detail: `Waybill answered ${response.status} without saying why.` });
}
