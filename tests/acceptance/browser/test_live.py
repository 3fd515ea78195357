"""The page goes on: in two windows, across a reload, a killed server, a prompt nobody hears."""

from playwright.sync_api import expect

from tests.acceptance.browser.conftest import OpenWindow
from tests.acceptance.browser.windows import Window
from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess, wait_until
from vega.llm.scripted import scripted_answer

WORDS = 150
SLOW = f"scripted:?words={WORDS}&delay_ms=30"
COUNTED = scripted_answer("Count for me", WORDS)


def test_two_windows_show_the_same_life(make_vega: MakeVega, open_window: OpenWindow) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    one, other = open_window(vega), open_window(vega)

    one.say("Count for me")
    other.wait_for_answer("word3")
    other.say("Hello")

    for window in (one, other):
        window.wait_for_answer("You said: Hello.")
        _wait_for_last(window, scripted_answer("Hello", WORDS))
        assert window.prompts == ["Count for me", "Hello"]
        assert window.answers[0] == COUNTED


def test_a_window_that_opens_in_mid_answer_shows_all_of_it(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    open_window(vega).say("Count for me")
    wait_until(lambda: "word20" in _stored(vega), 60)

    late = open_window(vega)

    _wait_for_last(late, COUNTED)
    assert late.prompts == ["Count for me"]


def test_a_reload_in_mid_answer_goes_on_showing_it(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    window = open_window(vega)
    window.say("Count for me")
    window.wait_for_answer("word10")

    window.reload()

    window.wait_for_answer("word10")
    _wait_for_last(window, COUNTED)
    assert window.prompts == ["Count for me"]


def test_a_kill_in_mid_answer_goes_on_showing_it(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    window = open_window(vega)
    window.say("Count for me")
    window.wait_for_answer("word40")

    vega.kill()
    expect(window.page.locator(".vitals")).to_contain_text("OFFLINE")
    assert "word40" in window.last_answer
    vega.start()

    _wait_for_last(window, COUNTED)
    expect(window.page.locator(".vitals")).to_contain_text("ONLINE")
    assert window.prompts == ["Count for me"]
    # The last words are seen before they are stored.
    vega.wait_until_idle()
    assert [turn["response"] for turn in vega.history()] == [COUNTED]


def test_what_is_said_while_vega_is_down_is_sent_once(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)
    vega.kill()

    window.say("Are you there?")
    expect(window.page.get_by_text("Waiting for Vega")).to_be_visible()
    window.say("And now?")
    vega.start()

    window.wait_for_answer("You said: And now?.")
    assert window.prompts == ["Are you there?", "And now?"]
    assert [turn["prompt"] for turn in vega.history()] == ["Are you there?", "And now?"]


def test_what_was_not_accepted_outlives_the_window_and_is_sent_once(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)
    window.page.route("**/api/chat", lambda route: route.abort())
    window.say("Do not lose this")
    expect(window.page.locator(".unsent")).to_be_visible()
    window.page.unroute("**/api/chat")

    window.reload()

    window.wait_for_answer("You said: Do not lose this.")
    expect(window.page.locator(".unsent")).to_have_count(0)
    assert [turn["prompt"] for turn in vega.history()] == ["Do not lose this"]


def test_a_prompt_whose_acceptance_was_lost_is_not_doubled(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)
    _lose_answers(window, times=2)

    window.say("Once is enough")

    window.wait_for_answer("You said: Once is enough.")
    wait_until(lambda: not _unsent(window), 30)
    assert window.prompts == ["Once is enough"]
    assert [turn["prompt"] for turn in vega.history()] == ["Once is enough"]


def test_the_same_words_twice_are_two_turns(make_vega: MakeVega, open_window: OpenWindow) -> None:
    vega = make_vega(model_url="scripted:?words=3")
    vega.start()
    window = open_window(vega)

    window.say("Yes")
    window.say("Yes")

    wait_until(lambda: window.answers == [scripted_answer("Yes", 3)] * 2, 30)
    assert window.prompts == ["Yes", "Yes"]


def test_a_prompt_of_another_program_appears(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega)

    vega.chat("Said by a program")

    window.wait_for_answer("You said: Said by a program.")
    expect(window.page.get_by_text("by a program", exact=True)).to_be_visible()


def _wait_for_last(window: Window, answer: str) -> None:
    wait_until(lambda: window.last_answer == answer, 60)


def _stored(vega: VegaProcess) -> str:
    turns = vega.history()
    return str(turns[-1]["response"]) if turns else ""


def _lose_answers(window: Window, *, times: int) -> None:
    """The next prompts reach Vega, and its word that it has them is lost on the way back."""
    left = times

    def lose(route: object) -> None:
        nonlocal left
        if left:
            left -= 1
            route.fetch()  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    window.page.route("**/api/chat", lose)


def _unsent(window: Window) -> list[str]:
    names: list[str] = window.page.evaluate(
        "Object.keys(localStorage).filter(name => name.startsWith('vega.unsent.'))"
    )
    return names
