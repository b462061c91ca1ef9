/**
 * A request that is answered with a Status instead of being stored: the HTTP status, the gRPC code that goes into the
 * Status body (google.rpc.Code) and, for the retryable ones (429, 502, 503, 504), the seconds to wait.
 */
export class OtlpRefusal extends Error {
  readonly httpStatus: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(httpStatus: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = 'OtlpRefusal';
    this.httpStatus = httpStatus;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** google.rpc.Code for the Status body. */
  get code(): number {
    switch (this.httpStatus) {
      case 400:
      case 415:
        return 3; // INVALID_ARGUMENT
      case 401:
        return 16; // UNAUTHENTICATED
      case 403:
        return 7; // PERMISSION_DENIED
      case 404:
        return 5; // NOT_FOUND
      case 405:
        return 12; // UNIMPLEMENTED
      case 408:
        return 4; // DEADLINE_EXCEEDED
      case 413:
      case 429:
        return 8; // RESOURCE_EXHAUSTED
      case 503:
        return 14; // UNAVAILABLE
      default:
        return 13; // INTERNAL
    }
  }
}
