// The conversation: days, turns, and what is not accepted yet. It stays at the newest words unless its
// reader has scrolled away, and older turns come in above without moving what is being read.

import { signal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { connection, life, loadOlder } from "./connection";
import { delay, drop, refusals, unsent, waiting, type Unsent } from "./outbox";
import { edit } from "./composer";
import { dayWords, isSameDay } from "./time";
import { Prompt, TurnView } from "./turn";
import { now } from "./vitals";

/** So near to an end of the conversation counts as being there, in pixels. */
const NEAR_END = 60;
const NEAR_START = 800;

export function Conversation() {
  const scroller = useRef<HTMLDivElement>(null);
  const { isAtEnd, goToEnd } = useFollowing(scroller);
  useOlderTurns(scroller);
  const items = life.items.value;
  const unaccepted = waiting(unsent.value);

  useLayoutEffect(goToEnd, [unaccepted.length > 0 && unaccepted[unaccepted.length - 1]?.key]);

  return (
    <main class="conversation">
      <div ref={scroller} class="scroller" tabIndex={0} role="region" aria-label="Conversation">
        <div class="column">
          {life.isLoaded.value && !life.older.value && <Beginning isEmpty={items.length === 0} />}
          {life.older.value && <p class="day">Earlier …</p>}
          {items.map((item, index) => {
            const date = new Date(item.at);
            const before = items[index - 1];
            const isNewDay = !before || !isSameDay(new Date(before.at), date);
            return (
              <Fragment key={item.id}>
                {isNewDay && <h2 class="day">{dayWords(date, now.value)}</h2>}
                <TurnView item={item} />
              </Fragment>
            );
          })}
          {unaccepted.map((item) => (
            <UnsentView key={item.key} item={item} />
          ))}
        </div>
      </div>
      {!isAtEnd.value && (
        <button type="button" class="to-end" onClick={goToEnd} aria-label="Go to the newest words">
          ↓
        </button>
      )}
    </main>
  );
}

function Beginning({ isEmpty }: { isEmpty: boolean }) {
  if (!isEmpty) return <p class="beginning">This is where it began.</p>;
  const examples = ["My favorite color is blue", "What is my favorite color?"];
  return (
    <div class="welcome">
      <h1>One conversation, for life.</h1>
      <p>Say something. It is kept, and Vega goes on where you left off: tomorrow, in a year.</p>
      <p>
        {examples.map((example) => (
          <button key={example} type="button" class="quiet" onClick={() => edit(example)}>
            {example}
          </button>
        ))}
      </p>
    </div>
  );
}

/** A prompt that Vega has not accepted yet, with the reason. */
function UnsentView({ item }: { item: Unsent }) {
  const refusal = refusals.value.get(item.key);
  const takeBack = () => {
    drop(item);
    edit(item.prompt);
  };
  return (
    <div class="turn unsent">
      <Prompt text={item.prompt}>
        {refusal ? (
          <>
            <span class="failure">{refusal}</span>
            <button type="button" class="link" onClick={takeBack}>
              Edit
            </button>
            <button type="button" class="link" onClick={() => drop(item)}>
              Discard
            </button>
          </>
        ) : (
          <span>{connection.value === "online" ? (delay.value ?? "Sending …") : "Waiting for Vega …"}</span>
        )}
      </Prompt>
    </div>
  );
}

/** Keeps to the end as the conversation grows, for as long as its reader is there. */
function useFollowing(place: { current: HTMLDivElement | null }) {
  const state = useRef({ isAtEnd: signal(true), endPx: 0 }).current;
  const goToEnd = () => {
    const scroller = place.current;
    if (scroller) {
      scroller.scrollTop = scroller.scrollHeight;
      state.endPx = scroller.scrollTop;
    }
    state.isAtEnd.value = true;
  };
  // At once, so that nobody takes the start for the place that is being read.
  useLayoutEffect(() => {
    if (state.isAtEnd.peek()) goToEnd();
  });
  useEffect(() => {
    const scroller = place.current;
    if (!scroller) return;
    const look = () => {
      const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
      // What has grown below since then is no scrolling away, though the event comes after it.
      const isAway = below >= NEAR_END && scroller.scrollTop < state.endPx;
      state.isAtEnd.value = !isAway && (state.isAtEnd.peek() || below < NEAR_END);
    };
    const grow = new ResizeObserver(() => state.isAtEnd.peek() && goToEnd());
    scroller.addEventListener("scroll", look, { passive: true });
    grow.observe(scroller);
    if (scroller.firstElementChild) grow.observe(scroller.firstElementChild);
    return () => {
      scroller.removeEventListener("scroll", look);
      grow.disconnect();
    };
  }, []);
  return { isAtEnd: state.isAtEnd, goToEnd };
}

/** Loads older turns when their place comes near, and keeps what is being read where it is. */
function useOlderTurns(place: { current: HTMLDivElement | null }) {
  const state = useRef({ isLoading: false, belowPx: null as number | null }).current;
  const look = async () => {
    const scroller = place.current;
    if (!scroller || state.isLoading || !life.older.peek() || scroller.scrollTop > NEAR_START) return;
    state.isLoading = true;
    try {
      await loadOlder(() => (state.belowPx = scroller.scrollHeight - scroller.scrollTop));
    } catch {
      // Vega is away; the next scrolling asks again.
    } finally {
      state.isLoading = false;
    }
  };
  useLayoutEffect(() => {
    const scroller = place.current;
    if (scroller && state.belowPx !== null) {
      scroller.scrollTop = scroller.scrollHeight - state.belowPx;
      state.belowPx = null;
    }
    // They may not fill the window yet.
    queueMicrotask(look);
  }, [life.items.value[0]?.id, life.older.value]);
  useEffect(() => {
    const scroller = place.current;
    scroller?.addEventListener("scroll", look, { passive: true });
    return () => scroller?.removeEventListener("scroll", look);
  }, []);
}
