// What Vega's API sends, as docs/api.md describes it. Shapes only; nothing here does anything.

export type Status = "pending" | "answering" | "completed" | "stopped" | "failed";

export interface Source {
  turn_id: number;
  at: string;
}

export interface Turn {
  id: number;
  prompt: string;
  response: string;
  status: Status;
  created_at: string;
  origin: string;
  device: string | null;
  error: string | null;
  note?: string | null;
  sources: Source[];
  /** When the owner had it forgotten: its place stays, and nothing that was said. */
  forgotten_at?: string | null;
}

export interface History {
  turns: Turn[];
  next_before: string | null;
}

export interface Accepted {
  turn_id: number;
  prompt: string;
  created_at: string;
  origin: string;
  device: string | null;
}

export interface Ended {
  turn_id: number;
  response: string;
  status: Status;
  sources: Source[];
  error?: string | null;
  note?: string | null;
}

/** An event of a stream, with the id that resumes behind it. */
export type LifeEvent = { id: string } & (
  | { kind: "turn.accepted"; data: Accepted }
  | { kind: "turn.delta" | "turn.restarted"; data: { turn_id: number; text: string } }
  | { kind: "turn.completed" | "turn.failed"; data: Ended }
  | { kind: "turn.forgotten"; data: { turn_id: number } }
);

export type Pressure = "normal" | "warning" | "critical";

export interface Cleanup {
  ended_at: string;
  compressed: number;
  archived: number;
  saved_bytes: number;
  disk_bytes: number;
  memory_bytes: number;
}

export interface Metrics {
  memory_manager: {
    pressure: Pressure;
    reason: string;
    activity: string | null;
    process_mb: number;
    /** Of the system, or of a limit set for Vega, whichever is scarcer. */
    percent: number;
    warning_threshold_percent: number;
    critical_threshold_percent: number;
    last_cleanup: Cleanup | null;
  };
  turns: Record<"full" | "compressed" | "archived", number>;
}

export interface VegaStatus {
  model: { reachable: boolean; reason?: string };
  disk: { state: "ok" | "low" | "full"; free_bytes: number };
  attention: string[];
}

export interface Model {
  id: string;
  description: string;
  size_bytes: number | null;
  state: "here" | "absent" | "fetching" | "paused" | "failed" | "away";
  progress: { done_bytes: number; total_bytes: number; bytes_per_second: number } | null;
  error: string | null;
  is_current: boolean;
  is_offered: boolean;
}

export interface Models {
  current: { id: string; name: string; place: string; is_able: boolean } | null;
  reason: string | null;
  models: Model[];
  offer: { id: string; size_bytes: number; seconds: number | null; text: string } | null;
}
