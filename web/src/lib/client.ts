// SPDX-License-Identifier: Apache-2.0
// The one HTTP client. Failures of every kind arrive as ApiError: problem details from the server,
// or one made here when no answer came. Requests take TanStack Query's signal, so leaving a page
// cancels what it asked for.
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse } from "axios";
import { t } from "@/lib/strings";

export interface FieldFault {
  pointer: string;
  detail: string;
}

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  request_id?: string;
  errors?: FieldFault[];
  [extra: string]: unknown;
}

export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly errors: FieldFault[];
  readonly problem: Problem;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.problem = problem;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.request_id;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** No answer at all: the server is away or the network is. */
  get offline() {
    return this.status === 0;
  }

  /** What the server says about one member of what was sent, by JSON pointer. */
  fault(pointer: string) {
    return this.errors.find((e) => e.pointer === pointer)?.detail;
  }
}

const http = axios.create({
  baseURL: "/api/v1",
  timeout: 60_000,
  headers: { Accept: "application/json, application/problem+json" },
});

type Listener = () => void;
const sessionEnd = new Set<Listener>();

/** Calls back when any request finds the session ended. Returns how to stop. */
export function onSessionEnd(listener: Listener) {
  sessionEnd.add(listener);
  return () => {
    sessionEnd.delete(listener);
  };
}

function readProblem(error: AxiosError): Problem {
  const { response } = error;
  if (!response) return { status: 0, title: t.errors.offlineTitle, detail: t.errors.offlineDetail };
  const body = response.data as Partial<Problem> | undefined;
  const id = response.headers["x-request-id"];
  if (body && typeof body === "object" && typeof body.title === "string")
    return { request_id: typeof id === "string" ? id : undefined, ...body, title: body.title, status: response.status };
  return {
    status: response.status,
    title: t.errors.statusTitle(response.status),
    request_id: typeof id === "string" ? id : undefined,
  };
}

export function toApiError(error: unknown): unknown {
  if (!(error instanceof AxiosError) || axios.isCancel(error)) return error;
  const after = Number(error.response?.headers["retry-after"]);
  return new ApiError(readProblem(error), Number.isFinite(after) ? after : undefined);
}

/** Where a file was asked for, what the server says instead comes as one. */
async function unpack(error: unknown) {
  const response = error instanceof AxiosError ? error.response : undefined;
  if (response?.data instanceof Blob && /json/.test(response.data.type))
    response.data = await response.data.text().then(JSON.parse).catch(() => undefined);
}

http.interceptors.response.use(undefined, async (error: unknown) => {
  await unpack(error);
  const failure = toApiError(error);
  const url = (error as AxiosError).config?.url ?? "";
  // A wrong password is 401 too, and no ended session.
  if (failure instanceof ApiError && failure.status === 401 && !url.startsWith("/auth/"))
    for (const listener of sessionEnd) listener();
  throw failure;
});

async function send<T>(config: AxiosRequestConfig): Promise<T> {
  const response: AxiosResponse<T> = await http.request<T>(config);
  return response.data;
}

export interface SendOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
  params?: URLSearchParams | Record<string, unknown>;
}

/** A fresh key per thing the user asked for: repeating the request then does it once. */
export function idempotencyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export const api = {
  get: <T>(url: string, o: SendOptions = {}) => send<T>({ method: "get", url, ...o }),
  post: <T>(url: string, data?: unknown, o: SendOptions = {}) =>
    send<T>({
      method: "post",
      url,
      // Where nothing is said there is no body: the server refuses one that it does not expect.
      ...(data === undefined ? {} : { data }),
      ...o,
      headers: { "Idempotency-Key": idempotencyKey(), ...o.headers },
    }),
  put: <T>(url: string, data: unknown, o: SendOptions = {}) => send<T>({ method: "put", url, data, ...o }),
  patch: <T>(url: string, data: unknown, o: SendOptions = {}) => send<T>({ method: "patch", url, data, ...o }),
  delete: <T>(url: string, o: SendOptions & { data?: unknown } = {}) => send<T>({ method: "delete", url, ...o }),
  /** Asks for a file that depends on what is sent. */
  file: (url: string, data: unknown, o: SendOptions = {}) => send<Blob>({ method: "post", url, data, responseType: "blob", timeout: 0, ...o }),
  /** Sends a file with progress, 0 to 1. */
  upload: <T>(url: string, file: Blob, o: SendOptions & { onProgress?: (done: number) => void } = {}) => {
    const { onProgress, ...rest } = o;
    return send<T>({
      method: "post",
      url,
      data: file,
      timeout: 0,
      ...rest,
      headers: {
        "Content-Type": "application/octet-stream",
        "Idempotency-Key": idempotencyKey(),
        ...rest.headers,
      },
      onUploadProgress: (e) => onProgress?.(e.total ? e.loaded / e.total : 0),
    });
  },
};

/** The full address of an API resource, for links that download. */
export const apiUrl = (path: string) => `/api/v1${path}`;
