"""A new index of words on a disk with too little room for it: the owner hears why it waits."""

from tests.acceptance.conftest import MakeVega
from tests.acceptance.small_disk import SmallDisk
from tests.terminal import Terminal, run_command


def test_a_rebuild_says_at_once_how_much_room_it_waits_for(
    make_vega: MakeVega, disk: SmallDisk
) -> None:
    vega = make_vega("disk/home")
    vega.start()
    vega.chat("A grey heron stood in the reeds.").raise_for_status()
    assert "index" not in vega.output

    with Terminal(vega.home, "index", "rebuild") as terminal:
        terminal.wait_for("MB more are free")
        terminal.press("C-c")
        assert terminal.wait() == 130
    shown = run_command(vega.home, "index").stdout
    attention = vega.status()["attention"]
    checked = run_command(vega.home, "doctor").stdout

    assert "made anew: 0 of 1 turns. The disk has no room for a new index of words" in shown
    assert [each for each in attention if "until then the old one is asked" in each]
    assert "until then the old one is asked" in " ".join(checked.split())
    assert "heron" in run_command(vega.home, "search", "heron").stdout
    assert vega.output.count("The index of words is not made anew yet") == 1
