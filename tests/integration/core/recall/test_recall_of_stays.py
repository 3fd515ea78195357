"""When a stay or an event was, by all that is told of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.told_years import open_years, wrong_answers
from vega.core.store import Store

TOLD = """
2024-02-20 10:00 | Europe/Vienna | I want to run the Kamptal marathon | Good luck.
2024-02-29 09:00 | Europe/Vienna | I booked the flights to Lisbon for 11 May | Good price.
2024-05-10 21:00 | Europe/Vienna | Packing for Lisbon, which shoes? | Flat ones.
2024-05-11 15:00 | Europe/Lisbon | We arrived in Lisbon this afternoon | Enjoy it.
2024-05-14 22:00 | Europe/Lisbon | Had the best custard tarts | Nice.
2024-05-18 18:00 | Europe/Vienna | We're back from Lisbon, one suitcase is gone | Oh no.
2024-05-20 09:00 | Europe/Vienna | The tomatoes are in the ground | Good.
2024-10-26 08:00 | Europe/Vienna | Foggy morning by the river | Take care.
2024-10-27 08:30 | Europe/Vienna | My legs hurt like never before | Rest.
2024-10-27 17:00 | Europe/Vienna | Ran the Kamptal marathon yesterday | Well done.
2024-10-28 10:00 | Europe/Vienna | The stairs are my enemy | Rest.
2025-11-03 09:00 | Europe/Vienna | The lawn is under leaves | Rake them.
2025-11-04 20:00 | Europe/Vienna | Drove to Graz and ate at the market | Nice.
2026-01-10 10:00 | Europe/Vienna | Recap my trip to Lisbon | You had tarts.
2026-01-11 10:00 | Europe/Vienna | Plan a party for my holiday in Lisbon | Balloons.
"""
ASKED = """
What did I say while we were in Lisbon? | arrived in; custard; back from | Packing; tomatoes; Recap
What did I tell you during my trip to Lisbon? | 11 May; custard; back from | Packing; party
What did I say before we flew to Lisbon? | Packing; booked | arrived in; Recap
What did I say the week before our holiday in Lisbon? | Packing | arrived in; booked
What did I tell you after our trip to Lisbon? | tomatoes | custard; arrived in
What did I say the evening before the flight to Lisbon? | Packing | arrived in; booked
What did I say when I was in Lisbon last week? | no record of when that was | custard
What did I say the morning after the Kamptal marathon? | my legs | stairs; want to run
What did I say the Monday after the Kamptal marathon? | stairs | legs; want to run
What did I tell you the day before I drove to Graz? | lawn | ate at
What did I say after I told you about the lawn? | Drove | stairs
What did I tell you on Monday 17 May 2024? | 17 May 2024 was a Friday. | does not exist
What did I say on Friday 10 May 2024? | Packing | was a
"""


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_years(tmp_path, TOLD)
    yield store
    await store.close()


async def test_a_stay_lies_between_what_tells_of_the_arrival_and_of_the_return(
    life: Store,
) -> None:
    assert await wrong_answers(life, ASKED) == []
