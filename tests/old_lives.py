"""Lives as earlier Vegas left them, for a later one to bring to its own schema."""

from contextlib import closing
from pathlib import Path

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn
from vega.core import db
from vega.core.life import records, sqlite
from vega.core.life.chain import link_hash
from vega.core.life.head import Head, HeadFile
from vega.core.sql import queries

#: 22 November 2026, 23:30 UTC, which is the 23rd in Vienna.
AT = 1_795_390_200_000_000
#: Of the first schemas: what was said, and the answer that was given.
TURNS = (
    ("My favorite color is blue", "Got it! Blue it is."),
    ("Tell me about Größenwahn", "It is the belief in one's own greatness."),
    ("Are you there?", None),
)
#: Turns that the schema of today's queries gets.
COUNT = 12
_SALT = b"0123456789abcdef"
_ADD_TURN = """
INSERT INTO turns (id, link, at, zone, origin, prompt, status, salt, hash)
VALUES (?, ?, ?, 'Europe/Vienna', 'api', ?, ?, ?, ?)
"""
_ADD_ANSWER = """
INSERT INTO answers (turn_id, number, began_at) VALUES (?, 1, ?)
"""
_END_ANSWER = """
UPDATE answers SET link = ?, status = 'completed', text = ?, model = 'small',
    place = 'this machine', ended_at = ?, salt = ?, hash = ?
WHERE turn_id = ?
"""


def live_in_the_first_schemas(home: Path, count: int) -> None:
    """Two answered turns and one that waits, as the first Vega (1) stored them, or the second."""
    _begin(home, count)
    head = Head(0, b"")
    with closing(sqlite.connect(home / db.DATABASE_NAME)) as old:
        for turn_id, (prompt, answer) in enumerate(TURNS, 1):
            at = AT + turn_id
            content = ("prompt", turn_id, at, "Europe/Vienna", "api", None, prompt)
            head = _next(head, content)
            status = "completed" if answer else "pending"
            row = (turn_id, head.link, at, prompt, status, _SALT, head.hash)
            old.execute(_ADD_TURN, row)
            if answer is None:
                continue
            old.execute(_ADD_ANSWER, (turn_id, at))
            ended = ("completed", None, answer, "small", "this machine", at)
            head = _next(head, ("answer", turn_id, 1, *ended))
            old.execute(_END_ANSWER, (head.link, answer, at, _SALT, head.hash, turn_id))
    HeadFile(home).save(head)


def live_in_the_fourth_schema(home: Path) -> list[str]:
    """Some answered turns: every text."""
    _begin(home, 4)
    texts = []
    head = Head(0, b"")
    with closing(sqlite.connect(home / db.DATABASE_NAME)) as old:
        for number in range(COUNT):
            prompt, answer = f"Old prompt {number}", f"Old answer {number}"
            with sqlite.transaction(old):
                turn_id, _ = records.add_turn(old, new_turn(prompt))
                head = records.end_answer(old, turn_id, completed(answer), SOME_MOMENT)
                old.execute(queries["set_turn_status"], {"id": turn_id, "status": "completed"})
            texts += [prompt, answer]
    HeadFile(home).save(head)
    return texts


def _begin(home: Path, schema: int) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / db.DATABASE_NAME
    db.begin_draft(path, schema)
    with closing(sqlite.connect(path)) as made:
        made.execute(queries["add_permanent_session"], ("persistent-0dd11fe5", AT))


def _next(head: Head, content: tuple[str | int | None, ...]) -> Head:
    link = head.link + 1
    return Head(link, link_hash(head.hash, _SALT, (link, *content)))
