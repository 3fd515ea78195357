"""A certificate of the owner's is taken, or it is said what is wrong with it."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.own_certificates import write_own
from vega.errors import CertificateUnusable
from vega.tls.files import load, write_file

BEGIN = SOME_MOMENT - timedelta(days=1)


def test_a_good_one_is_ready_to_be_served(tmp_path: Path) -> None:
    served = load(*write_own(tmp_path, BEGIN), SOME_MOMENT)

    assert served.names.hosts == {"vega.example.com", "localhost"}
    assert served.issuer == "An issuer"
    assert served.not_after == BEGIN + timedelta(days=90)
    assert served.context.minimum_version == ssl.TLSVersion.TLSv1_2
    ciphers = {each["name"] for each in served.context.get_ciphers()}
    assert all("GCM" in name or "CHACHA20" in name for name in ciphers)


def test_a_home_folder_that_was_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    write_file(tmp_path / "home" / "tls" / "some.pem", b"text")

    for folder in (tmp_path / "home", tmp_path / "home" / "tls"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    certificate, key = write_own(tmp_path, BEGIN)
    for mode in (0o604, 0o644, 0o602, 0o620):
        key.chmod(mode)
        with pytest.raises(CertificateUnusable, match="chmod 600"):
            load(certificate, key, SOME_MOMENT)
    # As Debian keeps keys for a group of their own.
    key.chmod(0o640)

    load(certificate, key, SOME_MOMENT)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    certificate, _ = write_own(tmp_path, BEGIN)
    _, key = write_own(tmp_path / "other", BEGIN)

    with pytest.raises(CertificateUnusable, match="does not belong"):
        load(certificate, key, SOME_MOMENT)


def test_one_that_is_over_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match="expired on 2026-11-21"):
        load(*write_own(tmp_path, SOME_MOMENT - timedelta(days=91)), SOME_MOMENT)


def test_one_that_has_not_begun_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match="begins on 2026-11-24"):
        load(*write_own(tmp_path, SOME_MOMENT + timedelta(days=2)), SOME_MOMENT)


def test_one_that_names_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match="names no host"):
        load(*write_own(tmp_path, BEGIN, hosts=()), SOME_MOMENT)


def test_a_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match="passphrase"):
        load(*write_own(tmp_path, BEGIN, passphrase=b"secret"), SOME_MOMENT)


def test_files_that_are_not_there_or_hold_something_else_are_refused(tmp_path: Path) -> None:
    certificate, key = write_own(tmp_path, BEGIN)
    text = tmp_path / "text"
    text.write_text("no certificate")
    text.chmod(0o600)

    with pytest.raises(CertificateUnusable, match="cannot be read: No such file"):
        load(tmp_path / "none", key, SOME_MOMENT)
    with pytest.raises(CertificateUnusable, match="cannot be read: No such file"):
        load(certificate, tmp_path / "none", SOME_MOMENT)
    with pytest.raises(CertificateUnusable, match="no certificate in the PEM format"):
        load(text, key, SOME_MOMENT)
    with pytest.raises(CertificateUnusable, match="no private key"):
        load(certificate, text, SOME_MOMENT)
