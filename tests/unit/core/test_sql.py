"""The named queries and the migrations."""

from pathlib import Path

from vega.core import sql


def test_every_query_has_a_name_and_a_statement() -> None:
    texts = [path.read_text() for path in Path(sql.__file__).parent.glob("*.sql")]

    assert len(sql.queries) == sum(text.count("-- name: ") for text in texts)
    for name, statement in sql.queries.items():
        code = "".join(line for line in statement.splitlines() if not line.startswith("--"))
        # A view of the index's words is a connection's own; all other tables are in the schema.
        code = code.replace("CREATE VIRTUAL TABLE IF NOT EXISTS temp.", "SELECT ")
        assert code.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"), name


def test_every_query_is_used() -> None:
    core = Path(sql.__file__).parents[1]
    source = "".join(path.read_text(encoding="utf-8") for path in core.rglob("*.py"))

    assert {name for name in sql.queries if f'queries["{name}"]' not in source} == set()


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    numbers = [number for number, _, _ in sql.migrations()]

    assert numbers == list(range(1, len(numbers) + 1))
