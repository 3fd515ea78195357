// Vega's page: one conversation, for life. Starts everything; the parts are in files of their own.

import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { Composer } from "./composer";
import { connection, follow, life, refusal } from "./connection";
import { Conversation } from "./conversation";
import { Header } from "./header";
import { isEnd } from "./life";
import { ModelCard, watchModels } from "./model";
import { deliver } from "./outbox";
import { pairWith, takeCode, Unpaired } from "./pairing";
import { SourceDialog } from "./sources";
import { status, watch } from "./vitals";
import "./page.css";

function App() {
  if (connection.value === "unpaired") return <Unpaired />;
  return (
    <>
      <a class="skip" href="#composer">
        Skip to the message box
      </a>
      <Header />
      <Conversation />
      <footer class="bottom">
        <Notices />
        <ModelCard />
        <Composer />
      </footer>
      <SourceDialog />
      <Announcement />
    </>
  );
}

/** What the owner should know: why Vega is away, what needs attention. */
function Notices() {
  const attention = status.value?.attention ?? [];
  const isAway = connection.value === "offline";
  if (!isAway && attention.length === 0) return null;
  return (
    <div class="notices" role="status">
      {isAway && <p>{refusal.value ?? "Vega is away. This page tries again by itself; what you say is kept and sent then."}</p>}
      {attention.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}

const announced = signal("");

/** For screen readers: an answer is read out once, when it is whole, and not piece by piece. */
function Announcement() {
  return (
    <p class="unseen" aria-live="polite">
      {announced.value}
    </p>
  );
}

function announceAnswers(): void {
  const running = new Set<number>();
  effect(() => {
    for (const item of life.items.value) {
      const turn = item.turn.value;
      if (!isEnd(turn)) {
        if (!running.has(turn.id)) announced.value = "Vega is answering.";
        running.add(turn.id);
      } else if (running.delete(turn.id)) {
        announced.value = turn.status === "failed" ? `Failed: ${turn.error}` : turn.response;
      }
    }
  });
}

async function start(): Promise<void> {
  const app = document.getElementById("app");
  if (!app) throw new Error("index.html has no place for the page");
  const code = takeCode();
  if (code !== null && !(await pairWith(code))) connection.value = "unpaired";
  render(<App />, app);
  if (connection.value === "unpaired") return;
  announceAnswers();
  watch();
  watchModels();
  void deliver();
  await follow();
}

void start();
