// How a browser becomes the owner's: a one-time link, /pair#CODE. The code stands behind the #, so it
// reaches no server's log; it is taken out of the address before it is used.

import { signal } from "@preact/signals";
import * as api from "./api";
import { deviceName } from "./device";
import star from "./star.svg";

const HOW = "To pair this browser, run `vega open` on the machine where Vega runs, and open the link that it gives.";
const COOKIES =
  "The link is good, but this browser did not keep the cookie that Vega gave it. Allow cookies for this address, then ask for a new link with `vega open`.";

/** What went wrong with the link; null when nothing did. */
const trouble = signal<string | null>(null);

export function takeCode(): string | null {
  if (location.pathname !== "/pair") return null;
  const code = location.hash.slice(1);
  history.replaceState(null, "", "/");
  return code || null;
}

/** Whether this browser is the owner's now. Waits for Vega when it does not answer. */
export async function pairWith(code: string): Promise<boolean> {
  for (;;) {
    try {
      const problem = await redeem(code);
      // A link that has done its work is opened again: nothing is amiss where the browser is paired.
      const isPaired = await isLetIn();
      if (!isPaired) trouble.value = problem ?? COOKIES;
      return isPaired;
    } catch (error) {
      if (!(error instanceof api.Away)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

/** Why the code was refused; null when it was taken. */
async function redeem(code: string): Promise<string | null> {
  try {
    await api.pair(code, deviceName());
    return null;
  } catch (error) {
    if (error instanceof api.Refused) return error.message;
    throw error;
  }
}

async function isLetIn(): Promise<boolean> {
  try {
    await api.status();
    return true;
  } catch (error) {
    if (error instanceof api.Refused && error.status === 401) return false;
    throw error;
  }
}

export function Unpaired() {
  return (
    <main class="unpaired">
      <img src={star} alt="" width="48" height="48" />
      <h1>{trouble.value ? "That did not work" : "This browser is not paired yet"}</h1>
      <p role="alert">{withCommands(trouble.value ?? HOW)}</p>
      <button type="button" class="quiet" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}

/** Vega's words with what stands between backticks as code. */
const withCommands = (text: string) =>
  text.split("`").map((part, index) => (index % 2 ? <code>{part}</code> : part));
