"""The page about access lists every attempt that is tested, and no other."""

import re
from pathlib import Path

from tests.acceptance.access_attempts import RAW
from tests.integration.api.test_every_route import ATTEMPTS

PAGE = Path(__file__).parents[3] / "docs" / "access.md"


def test_the_table_of_attempts_is_what_is_tried() -> None:
    tried = {attempt.name: ", then ".join(map(str, attempt.status)) for attempt in ATTEMPTS}
    tried |= {raw.name: str(raw.status) for raw in RAW}
    text = PAGE.read_text().partition("## What was tried")[2]
    rows = re.findall(r"^\| (.+) \| (\d{3}.*) \|$", text, re.M)

    assert len(rows) == len(tried) == len(ATTEMPTS) + len(RAW) > 90
    assert dict(rows) == tried
