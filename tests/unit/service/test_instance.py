"""Which names a life can have, and where its parts are."""

import pytest

from vega.service.instance import check_name, system_instance
from vega.service.saying import Refusal


@pytest.mark.parametrize("name", ["ben", "b", "ben-2", "a" * 20])
def test_a_name_that_a_user_can_have(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "Ben", "2ben", "-ben", "ben-", "b/n", "ben\n", "..", "a" * 21, "model", "server"]
)
def test_a_name_that_would_be_another_file_or_service(name: str) -> None:
    with pytest.raises(Refusal):
        check_name(name)


def test_lives_of_a_machine_share_the_code_and_nothing_else() -> None:
    first, ben = system_instance(), system_instance("ben")

    assert first.code == ben.code
    for part in ("user", "home", "service_unit", "socket_unit", "current", "launcher"):
        assert getattr(first, part) != getattr(ben, part)
