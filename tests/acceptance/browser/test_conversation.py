"""What the owner does with the page: says, reads, stops, asks again, looks back."""

from playwright.sync_api import Locator, expect

from tests.acceptance.browser.conftest import OpenWindow
from tests.acceptance.browser.windows import Window
from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess, wait_until
from vega.llm.scripted import scripted_answer

HOSTILE = '<img src=x onerror="document.title=1"> <a href="javascript:document.title=2">x</a>'


def test_enter_sends_and_the_answer_streams(make_vega: MakeVega, open_window: OpenWindow) -> None:
    vega = make_vega(model_url="scripted:?words=60&delay_ms=30")
    vega.start()
    window = open_window(vega)

    window.say("Count for me")

    window.wait_for_answer("word5")
    assert "word60" not in window.last_answer
    window.wait_for_answer("word60")
    assert window.last_answer == scripted_answer("Count for me", 60)
    assert window.prompts == ["Count for me"]
    expect(window.composer).to_have_value("")
    turn = vega.turn(1)
    assert (turn["origin"], turn["device"]) == ("page", "Chrome on Linux")


def test_shift_enter_begins_a_line(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega)
    low = _height(window.composer)

    window.composer.press_sequentially("one")
    window.composer.press("Shift+Enter")
    window.composer.press_sequentially("two")

    expect(window.composer).to_have_value("one\ntwo")
    assert _height(window.composer) > low
    window.composer.press("Enter")
    window.wait_for_answer("You said: one two.")
    assert vega.turn(1)["prompt"] == "one\ntwo"


def test_an_enter_that_ends_a_character_sends_nothing(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)
    window.composer.fill("こんにち")

    window.composer.dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True}
    )

    expect(window.composer).to_have_value("こんにち")
    assert vega.history() == []


def test_a_draft_outlives_the_window(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega)
    window.composer.fill("Not yet finished")

    window.reload()

    expect(window.composer).to_have_value("Not yet finished")


def test_markdown_is_drawn(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega)

    window.say("**bold** `code` [link](https://example.org)")

    answer = window.page.locator(".markdown").last
    expect(answer.locator("strong")).to_have_text("bold")
    expect(answer.locator("code")).to_have_text("code")
    expect(answer.locator("a")).to_have_attribute("rel", "noopener noreferrer")
    expect(answer.locator("a")).to_have_attribute("target", "_blank")


def test_hostile_markdown_stays_inert(vega: VegaProcess, open_window: OpenWindow) -> None:
    window = open_window(vega)
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))

    window.say(HOSTILE)
    window.wait_for_answer("word12")
    window.say("![x](https://evil.example/a.png) <script>document.title=3</script>")
    window.page.locator(".turn").nth(1).get_by_text("word12").wait_for()

    assert window.page.title() == "Vega"
    assert window.page.locator(".turn :is(img, script, svg, iframe)").count() == 0
    assert window.page.locator("a[href^=javascript]").count() == 0
    assert [url for url in asked if "localhost" not in url] == []


def test_stop_ends_the_answer_and_ask_again_gets_another(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    vega = make_vega(model_url="scripted:?words=400&delay_ms=20")
    vega.start()
    window = open_window(vega)
    window.say("Go on for ever")
    window.wait_for_answer("word3")

    window.page.get_by_role("button", name="Stop the answer").click()

    expect(window.page.get_by_text("Stopped.")).to_be_visible()
    assert vega.turn(1)["status"] == "stopped"
    window.page.get_by_role("button", name="Ask again").click()
    window.page.get_by_role("button", name="Stop the answer").wait_for()
    window.composer.press("Escape")
    expect(window.page.get_by_text("Stopped.")).to_be_visible()
    assert len(window.prompts) == 1


def test_a_model_that_is_away_is_told_calmly(make_vega: MakeVega, open_window: OpenWindow) -> None:
    vega = make_vega(model_url="scripted:?away=yes")
    vega.start()
    window = open_window(vega)

    window.say("Tell me about the moon")

    expect(window.page.get_by_text("The scripted model is away.")).to_be_visible()
    expect(window.page.get_by_text("Your words are kept")).to_be_visible()


def test_an_answer_names_its_source_and_leads_there(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    vega.chat("My favorite color is blue")
    for number in range(60):
        vega.chat(f"Something else, number {number}")
    window = open_window(vega)

    window.say("What is my favorite color?")
    window.wait_for_answer("Your favorite color is blue")
    window.page.get_by_role("button", name="from today").click()

    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("My favorite color is blue")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_a_source_that_is_loaded_is_gone_to_with_the_keyboard(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    vega.chat("My favorite color is blue")
    for number in range(20):
        vega.chat(f"Something else, number {number}")
    window = open_window(vega)
    window.say("What was the last thing I asked?")
    window.wait_for_answer("you said:")
    group = window.page.get_by_role("group", name="Where this answer comes from").last

    group.get_by_role("button").press("Enter")

    expect(window.page.locator("#turn-21")).to_be_focused()
    expect(window.page.locator("#turn-21")).to_be_in_viewport()
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    # It is there as well when the page is opened anew.
    window.reload()
    group = window.page.get_by_role("group", name="Where this answer comes from").last
    expect(group.get_by_role("button")).to_contain_text("from today, ")


def test_older_turns_come_in_above_without_moving_what_is_read(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    for number in range(120):
        vega.chat(f"Prompt number {number}")
    window = open_window(vega)
    bubble = window.page.get_by_text("Prompt number 72", exact=True)
    assert len(window.prompts) == 50

    _scroll_to(window, 300)
    before = _top(bubble)
    wait_until(lambda: len(window.prompts) == 100, 30)
    after = _top(bubble)
    _scroll_to(window, 0)
    wait_until(lambda: len(window.prompts) == 120, 30)

    assert abs(after - before) <= 2
    assert window.prompts == [f"Prompt number {number}" for number in range(120)]
    expect(window.page.get_by_text("This is where it began.")).to_be_attached()


def test_new_words_do_not_pull_a_reader_away_from_old_ones(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    for number in range(30):
        vega.chat(f"Prompt number {number}")
    window = open_window(vega)
    wait_until(lambda: _distance_to_end(window) < 5, 30)
    _scroll_to(window, 400)
    bubble = window.page.get_by_text("Prompt number 5", exact=True)
    before = _top(bubble)

    vega.chat("Something new")
    window.wait_for_answer("You said: Something new.")

    assert _top(bubble) == before
    window.page.get_by_role("button", name="Go to the newest words").click()
    wait_until(lambda: _distance_to_end(window) < 5, 30)


def test_an_answer_that_comes_all_at_once_is_followed_to_its_end(
    make_vega: MakeVega, open_window: OpenWindow
) -> None:
    vega = make_vega(model_url="scripted:?words=150")
    vega.start()
    window = open_window(vega, viewport={"width": 360, "height": 700})
    # An answer that is drawn between a scrolling of the page's own and its event.
    window.page.evaluate(GROW_BEFORE_THE_EVENT)

    window.say("Hello")
    window.wait_for_answer("word150")

    wait_until(lambda: _distance_to_end(window) < 5, 30)
    expect(window.page.get_by_role("button", name="Go to the newest words")).to_have_count(0)


GROW_BEFORE_THE_EVENT = """() => {
  const scroller = document.querySelector(".scroller");
  const grow = () => scroller.firstElementChild.style.setProperty("padding-bottom", "200px");
  scroller.addEventListener("scroll", grow, { capture: true, once: true });
}"""


def test_a_prompt_that_vega_refuses_can_be_taken_back(
    vega: VegaProcess, open_window: OpenWindow
) -> None:
    window = open_window(vega)

    window.say("x" * (1024 * 1024 + 1))

    expect(window.page.get_by_text("A prompt may hold at most")).to_be_visible()
    window.page.get_by_role("button", name="Discard").click()
    window.say("Something shorter")
    window.wait_for_answer("You said: Something shorter.")
    assert [turn["prompt"] for turn in vega.history()] == ["Something shorter"]


def _height(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["height"]


def _top(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["y"]


def _scroll_to(window: Window, top: int) -> None:
    window.page.locator(".scroller").evaluate("(element, top) => { element.scrollTop = top }", top)


def _distance_to_end(window: Window) -> float:
    distance: float = window.page.locator(".scroller").evaluate(
        "element => element.scrollHeight - element.scrollTop - element.clientHeight"
    )
    return distance
