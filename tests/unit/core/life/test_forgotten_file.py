"""What was forgotten is known beside the life, too."""

from pathlib import Path

from vega.core.life.forgotten_file import Forgotten, ForgottenFile


def test_it_only_grows(tmp_path: Path) -> None:
    file = ForgottenFile(tmp_path)

    file.add(Forgotten({(1, 1): 100}, frozenset({7})))
    file.add(Forgotten({(2, 3): 200}))

    assert file.load() == Forgotten({(1, 1): 100, (2, 3): 200}, frozenset({7}))


def test_there_is_one_from_the_first_start_on(tmp_path: Path) -> None:
    file = ForgottenFile(tmp_path)
    assert file.load() is None

    file.add(Forgotten())

    assert file.load() == Forgotten()


def test_a_torn_line_keeps_no_other_away(tmp_path: Path) -> None:
    file = ForgottenFile(tmp_path)
    file.add(Forgotten({(1, 1): 100, (2, 3): 200}))
    file.path.write_text(file.path.read_text().replace("turn 1 1 100", "turn 1 \x00"))

    assert file.load() == Forgotten({(2, 3): 200})


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = ForgottenFile(tmp_path)

    file.add(Forgotten({(1, 1): 100}))

    assert file.path.stat().st_mode & 0o777 == 0o600
