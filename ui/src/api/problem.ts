import type { FieldProblem } from "./schema";

/** Why a request was not done: what the service said, or that it did not answer. `code` is for programs, the message for people. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;
  readonly requestId: string;
  readonly errors: readonly FieldProblem[];
  /** Everything else that the service told, such as who decided and when. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, told: Record<string, unknown>, fallback: string) {
    super(typeof told["detail"] === "string" && told["detail"] ? told["detail"] : fallback);
    this.name = "Problem";
    this.status = status;
    this.code = typeof told["code"] === "string" ? told["code"] : "failed";
    this.retryable = told["retryable"] === true;
    this.requestId = typeof told["request_id"] === "string" ? told["request_id"] : "";
    this.errors = isFields(told["errors"]) ? told["errors"] : [];
    this.details = told;
  }

  /** What is wrong with one field of the body, if anything is. */
  of(field: string): string | undefined {
    return this.errors.find((one) => one.field === field || one.field === `body.${field}`)?.message;
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

export function offline(): Problem {
  const detail = "The service does not answer. What you see was read before; it is asked again by itself.";
  return new Problem(0, { code: "offline", detail, retryable: true }, detail);
}

/** Any error as a Problem, so that views know one kind. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Problem(-1, { code: "console_failed", detail: message }, "The console failed.");
}

function isFields(value: unknown): value is FieldProblem[] {
  return Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null && "field" in one && "message" in one);
}
