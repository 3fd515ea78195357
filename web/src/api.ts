// Requests to Vega. The browser's cookie is the key; an error is one class with Vega's own words.

import type { History, Metrics, Model, Models, Turn, VegaStatus } from "./shapes";

/** Vega answered, and the answer is an error. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }
}

/** Vega did not answer. */
export class Away extends Error {}

/** The answer, whatever its body is. Throws Refused and Away. */
export async function ask(method: string, path: string, options: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { method, cache: "no-store", ...options });
  } catch (error) {
    throw new Away(String(error));
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  const after = Number(answer.headers.get("Retry-After"));
  const words = body.error ?? `Vega answered ${answer.status}.`;
  throw new Refused(answer.status, body.code ?? "", words, after || null);
}

async function json<T>(method: string, path: string, body?: object): Promise<T> {
  const sent = body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await ask(method, path, sent);
  try {
    return (await answer.json()) as T;
  } catch (error) {
    throw new Away(String(error));
  }
}

const inQuery = (text: string) => encodeURIComponent(text);

export const history = (before: string | null): Promise<History> =>
  json("GET", before ? `/history?before=${inQuery(before)}` : "/history");
export const turn = (id: number): Promise<Turn> => json("GET", `/api/turns/${id}`);
export const stop = (id: number): Promise<Turn> => json("DELETE", `/api/turns/${id}`);
export const askAgain = (id: number): Promise<Turn> => json("POST", `/api/turns/${id}/again`);
export const metrics = (): Promise<Metrics> => json("GET", "/metrics");
export const status = (): Promise<VegaStatus> => json("GET", "/api/status");
export const pair = (code: string, name: string): Promise<object> =>
  json("POST", "/api/devices", { code, name });

export const models = (): Promise<Models> => json("GET", "/api/models");
export const pull = (id: string): Promise<Model> => json("POST", "/api/models/pull", { id });
export const stopPull = (id: string): Promise<Model> =>
  json("DELETE", `/api/models/pull?id=${inQuery(id)}`);
export const use = (id: string): Promise<Models> => json("POST", "/api/models/use", { id });
