"""What is served is fresh: renewed in time, for the names of now; and one of the owner's."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT, FakeClock
from tests.own_certificates import write_own
from vega.config import load_settings
from vega.errors import CertificateUnusable, InvalidInput
from vega.tls.authority import AUTHORITY_FILE, SERVER_LIFETIME, Authority
from vega.tls.certificates import SERVER_FILE, Certificates


def test_the_first_look_makes_an_authority_and_a_certificate(tmp_path: Path) -> None:
    certificates = _certificates(tmp_path)

    certificates.look()

    assert certificates.problem == ""
    assert certificates.served is not None
    assert {"localhost", "127.0.0.1", "::1"} <= certificates.served.names.texts
    assert (tmp_path / "tls" / AUTHORITY_FILE).exists()


def test_another_look_and_another_start_change_nothing(tmp_path: Path) -> None:
    first = _certificates(tmp_path)
    first.look()
    first_served = first.served
    first.look()
    again = _certificates(tmp_path)
    again.look()

    assert first.served is first_served
    assert again.served is not None
    assert first_served is not None
    assert again.served.fingerprint == first_served.fingerprint


def test_it_is_renewed_before_it_ends_and_the_authority_stays(tmp_path: Path) -> None:
    clock = FakeClock()
    certificates = _certificates(tmp_path, clock)
    certificates.look()
    first, authority = certificates.served, certificates.authority
    assert first is not None

    clock.set(first.not_after - timedelta(days=31))
    certificates.look()
    assert certificates.served is first
    clock.set(first.not_after - timedelta(days=29))
    certificates.look()

    assert certificates.served is not None
    assert certificates.served.not_after > first.not_after + timedelta(days=300)
    assert certificates.authority is authority


def test_one_that_ended_while_the_machine_was_off_is_renewed_at_the_start(tmp_path: Path) -> None:
    _certificates(tmp_path).look()
    late = FakeClock(SOME_MOMENT + 2 * SERVER_LIFETIME)
    certificates = _certificates(tmp_path, late)

    certificates.look()

    assert certificates.problem == ""
    assert certificates.served is not None
    assert certificates.served.not_after > late.now()


def test_a_machine_that_goes_by_a_new_address_gets_a_certificate_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = _certificates(tmp_path)
    certificates.look()
    before = certificates.served
    assert before is not None

    certificates.own_names = ("10.1.2.3",)
    certificates.look()

    assert certificates.served is not None
    assert certificates.served.names.texts == before.names.texts | {"10.1.2.3"}


def test_a_name_that_the_authority_was_made_without_is_said_and_not_issued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = _certificates(tmp_path)
    certificates.look()
    monkeypatch.setattr(socket, "gethostname", lambda: "renamed-1")

    certificates.look()

    assert "renamed-1.local" in certificates.left_out
    assert certificates.served is not None
    assert "renamed-1.local" not in certificates.served.names.texts


def test_a_name_that_is_asked_for_needs_an_authority_for_it(tmp_path: Path) -> None:
    certificates = _certificates(tmp_path)
    certificates.take_up(["vega.example.com"])
    first = certificates.authority

    with pytest.raises(CertificateUnusable, match=r"without other\.example\.com"):
        certificates.take_up(["other.example.com"])
    assert certificates.own_names == ("vega.example.com",)
    certificates.take_up(["other.example.com"], is_anew=True)

    assert certificates.authority is not first
    assert certificates.served is not None
    assert {"vega.example.com", "other.example.com"} <= certificates.served.names.texts


@pytest.mark.parametrize("name", ["com", "*.example.com", "a b", "http://x.local", ""])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        _certificates(tmp_path).take_up([name])


def test_a_certificate_of_another_authority_is_issued_anew(tmp_path: Path) -> None:
    certificates = _certificates(tmp_path)
    certificates.look()
    path = tmp_path / "tls" / SERVER_FILE
    before = path.read_bytes()
    # As a crash between the two leaves them.
    certificates.make_authority()
    path.write_bytes(before)
    again = _certificates(tmp_path)

    again.look()

    assert again.served is not None
    assert again.authority is not None
    assert again.authority.has_issued(again.served.leaf)


def test_half_a_file_is_issued_anew(tmp_path: Path) -> None:
    _certificates(tmp_path).look()
    path = tmp_path / "tls" / SERVER_FILE
    path.write_bytes(path.read_bytes()[:300])
    certificates = _certificates(tmp_path)

    certificates.look()

    assert certificates.problem == ""
    assert certificates.served is not None


def test_the_authoritys_end_is_said_in_time(tmp_path: Path) -> None:
    clock = FakeClock()
    certificates = _certificates(tmp_path, clock)
    certificates.look()
    authority = Authority.load(tmp_path / "tls")
    assert authority is not None

    clock.set(authority.not_after - timedelta(days=59))
    certificates.look()
    assert "--new-authority" in certificates.problem
    clock.set(authority.not_after + timedelta(days=1))
    certificates.look()

    assert "authority ended" in certificates.problem


def test_a_folder_that_cannot_be_written_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "tls").write_text("a file")

    certificates = _certificates(tmp_path)
    certificates.look()

    assert "cannot be written" in certificates.problem
    assert certificates.served is None


def test_the_owners_certificate_is_read_again_when_it_changes(tmp_path: Path) -> None:
    certificates = _own(tmp_path, FakeClock())
    certificates.look()
    first = certificates.served
    certificates.look()
    assert certificates.served is first

    write_own(tmp_path, SOME_MOMENT - timedelta(days=1), hosts=("new.example.com",))
    certificates.look()

    assert certificates.served is not None
    assert certificates.served.names.texts == {"new.example.com"}
    assert not (tmp_path / "tls").exists()


def test_a_bad_change_leaves_the_old_one_in_use_and_is_said(tmp_path: Path) -> None:
    certificates = _own(tmp_path, FakeClock())
    certificates.look()
    first = certificates.served

    (tmp_path / "own.pem").write_text("half a fi")
    certificates.look()
    assert certificates.served is first
    assert "PEM format" in certificates.problem
    write_own(tmp_path, SOME_MOMENT - timedelta(days=1))
    certificates.look()

    assert certificates.problem == ""
    assert certificates.served is not first


def test_the_end_of_the_owners_certificate_is_said(tmp_path: Path) -> None:
    clock = FakeClock()
    certificates = _own(tmp_path, clock)
    certificates.look()

    clock.advance(days=60)
    certificates.look()
    assert "ends on" in certificates.problem
    clock.advance(days=60)
    certificates.look()

    assert "ended on" in certificates.problem
    assert certificates.served is not None


def _certificates(home: Path, clock: FakeClock | None = None, **variables: str) -> Certificates:
    settings = load_settings({"VEGA_HOME": str(home), **variables})
    return Certificates(settings, clock or FakeClock())


def _own(home: Path, clock: FakeClock) -> Certificates:
    certificate, key = write_own(home, SOME_MOMENT - timedelta(days=1))
    return _certificates(home, clock, VEGA_TLS_CERTIFICATE=str(certificate), VEGA_TLS_KEY=str(key))
