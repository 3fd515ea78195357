"""The founding document's Test 1, typed as it stands there, on the built-in model.

In place of `systemctl restart` stands a kill -9 of the whole process group and a new start. The
model is not waited for: what a person types in Vega's first seconds must work too.
"""

import json
import subprocess
from collections.abc import Callable
from typing import Any

from tests.acceptance.conftest import MakeVega
from tests.models_folder import models_folder

COLORS = (
    *("purple", "blue", "red", "green", "yellow", "orange", "teal", "black", "white", "pink"),
    *("gray", "brown", "turquoise", "magenta", "dark green", "sky blue", "navy", "olive"),
    *("burnt sienna", "Prussian blue"),
)


def test_a_favorite_color_outlives_kill_9_in_20_homes_of_20(
    make_vega: MakeVega, record_property: Callable[[str, object], None]
) -> None:
    acknowledged, remembered, session_ids = [], [], []

    for color in COLORS:
        vega = make_vega(color, model_url="", settings={"VEGA_MODELS_DIR": str(models_folder())})
        vega.start()
        told = _curl_chat(vega.port, vega.key, f"My favorite color is {color}")
        vega.kill()
        vega.start()
        asked = _curl_chat(vega.port, vega.key, "What is my favorite color?")
        vega.kill()
        if told["response"] == f"Got it! I'll remember that your favorite color is {color}.":
            acknowledged.append(color)
        if f"Your favorite color is {color}" in asked["response"]:
            remembered.append(color)
        session_ids.append((told["session_id"], asked["session_id"]))

    counts = f"{len(acknowledged)} acknowledged, {len(remembered)} remembered, of {len(COLORS)}"
    record_property("counts", f"Test 1 with kill -9 in place of restart: {counts}")
    assert acknowledged == list(COLORS)
    assert remembered == list(COLORS)
    assert [before for before, _ in session_ids] == [after for _, after in session_ids]


def test_the_literal_your_key_is_refused_with_the_place_of_the_real_one(
    make_vega: MakeVega,
) -> None:
    vega = make_vega()
    vega.start()

    answer = _curl_chat(
        vega.port, "your-key", "My favorite color is purple", "-w", "%{stderr}%{http_code}"
    )

    assert answer["status"] == "401"
    assert str(vega.home / "api_key") in answer["error"]


def _curl_chat(port: int, key: str, prompt: str, *options: str) -> dict[str, Any]:
    """As in the founding document: no content type of JSON, `localhost`."""
    done = subprocess.run(
        [
            *("curl", "-sS", *options, "-X", "POST", f"http://localhost:{port}/chat"),
            *("-H", f"X-API-Key: {key}"),
            *("-d", json.dumps({"prompt": prompt})),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return {"status": done.stderr, **answer}
