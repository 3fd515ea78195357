"""The authority speaks for this machine and for nobody else, and its certificates are accepted."""

import shutil
import stat
import subprocess
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.clocks import SOME_MOMENT
from vega.errors import CertificateUnusable
from vega.tls.authority import AUTHORITY_FILE, PUBLIC_FILE, Authority
from vega.tls.names import Names, machine_names

NAMES = Names(
    frozenset({"localhost", "vega.local"}),
    frozenset({ip_address("127.0.0.1"), ip_address("192.168.1.20")}),
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.make(NAMES, "vega", SOME_MOMENT)


def test_both_of_its_certificates_are_limited_critically(authority: Authority) -> None:
    for certificate in (authority.root, authority.issuer):
        limits = certificate.extensions.get_extension_for_class(x509.NameConstraints)
        permitted = limits.value.permitted_subtrees or []

        assert limits.critical
        assert {each.value for each in permitted if isinstance(each, x509.DNSName)} == {
            *("localhost", "vega.local")
        }
        assert {str(each.value) for each in permitted if isinstance(each, x509.IPAddress)} == {
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
            *("127.0.0.1/32", "::1/128"),
        }


def test_what_stays_here_is_not_the_key_that_devices_trust(authority: Authority) -> None:
    kept = authority.issuer_key.public_key()

    assert isinstance(authority.root.public_key(), ec.EllipticCurvePublicKey)
    assert authority.root.public_key() != kept
    assert authority.issuer.public_key() == kept


def test_its_certificates_are_as_platforms_want_them(authority: Authority) -> None:
    key, leaf, issuer = _parts(authority.issue(NAMES, SOME_MOMENT))
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert issuer == authority.issuer
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert set(alternative.get_values_for_type(x509.DNSName)) == NAMES.hosts
    assert set(alternative.get_values_for_type(x509.IPAddress)) == NAMES.addresses
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398)
    assert leaf.not_valid_before_utc < SOME_MOMENT
    assert b"PRIVATE KEY" in key


def test_it_lasts_ten_years_and_no_certificate_outlasts_it(authority: Authority) -> None:
    late = authority.not_after - timedelta(days=40)
    _, leaf, _ = _parts(authority.issue(NAMES, late))

    assert timedelta(days=3648) < authority.not_after - SOME_MOMENT < timedelta(days=3651)
    assert leaf.not_valid_after_utc <= authority.not_after


def test_it_covers_its_names_what_lies_below_them_and_private_addresses(
    authority: Authority,
) -> None:
    asked = machine_names(
        ["vega.local", "a.vega.local", "xvega.local", "evil.example", "10.9.8.7", "8.8.8.8"]
    )
    covered = authority.covered(asked)

    assert {"vega.local", "a.vega.local", "localhost", "10.9.8.7"} <= covered.texts
    assert not {"xvega.local", "evil.example", "8.8.8.8"} & covered.texts


def test_it_is_kept_for_its_owner_alone(authority: Authority, tmp_path: Path) -> None:
    authority.save(tmp_path / "tls")
    loaded = Authority.load(tmp_path / "tls")

    assert loaded is not None
    assert (loaded.root, loaded.issuer) == (authority.root, authority.issuer)
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "tls" / AUTHORITY_FILE).stat().st_mode) == 0o600
    assert b"PRIVATE" not in (tmp_path / "tls" / PUBLIC_FILE).read_bytes()


def test_a_damaged_one_is_not_replaced_unasked(authority: Authority, tmp_path: Path) -> None:
    authority.save(tmp_path)
    path = tmp_path / AUTHORITY_FILE
    path.write_bytes(path.read_bytes()[:500])

    with pytest.raises(CertificateUnusable, match="--new-authority"):
        Authority.load(tmp_path)


def test_a_clock_that_is_surely_wrong_makes_none() -> None:
    with pytest.raises(CertificateUnusable, match="clock says 1970-01-01"):
        Authority.make(NAMES, "vega", SOME_MOMENT.replace(year=1970, month=1, day=1))


@pytest.mark.parametrize(
    ("names", "is_accepted"),
    [
        (NAMES, True),
        (Names(frozenset({"evil.example"}), frozenset()), False),
        (Names(frozenset({"vega.local", "evil.example"}), frozenset()), False),
        (Names(frozenset({"com"}), frozenset()), False),
        (Names(frozenset(), frozenset({ip_address("203.0.113.9")})), False),
        (Names(frozenset(), frozenset({ip_address("2001:db8::9")})), False),
        (Names(frozenset(), frozenset({ip_address("10.0.0.1")})), True),
    ],
)
def test_openssl_accepts_what_a_thief_of_the_key_issues_for_this_machine_alone(
    authority: Authority, tmp_path: Path, names: Names, is_accepted: bool
) -> None:
    (tmp_path / "ca.pem").write_bytes(authority.public)
    (tmp_path / "server.pem").write_bytes(authority.issue(names, SOME_MOMENT))

    assert _is_verified(tmp_path) is is_accepted


def test_a_thief_of_the_key_cannot_make_another_authority(
    authority: Authority, tmp_path: Path
) -> None:
    wide = Names(frozenset({"evil.example"}), frozenset())
    other = Authority.make(wide, "thief", SOME_MOMENT)
    # Its own issuer certified by the stolen key, below the limits and the length of the path.
    forged = (
        x509.CertificateBuilder()
        .subject_name(other.issuer.subject)
        .issuer_name(authority.issuer.subject)
        .public_key(other.issuer.public_key())
        .serial_number(1)
        .not_valid_before(other.issuer.not_valid_before_utc)
        .not_valid_after(other.issuer.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority.issuer_key, hashes.SHA256())
    )
    chain = other.issue(NAMES, SOME_MOMENT) + _pem(forged) + _pem(authority.issuer)
    (tmp_path / "ca.pem").write_bytes(authority.public)
    (tmp_path / "server.pem").write_bytes(chain)

    assert not _is_verified(tmp_path)


def _is_verified(folder: Path) -> bool:
    openssl = shutil.which("openssl")
    assert openssl is not None
    command = [openssl, "verify", "-x509_strict", "-purpose", "sslserver"]
    command += ["-attime", str(int(SOME_MOMENT.timestamp())), "-CAfile", "ca.pem"]
    command += ["-untrusted", "server.pem", "server.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def _parts(text: bytes) -> tuple[bytes, x509.Certificate, x509.Certificate]:
    key, _, _ = text.partition(b"-----BEGIN CERTIFICATE-----")
    leaf, issuer = x509.load_pem_x509_certificates(text)
    return key, leaf, issuer


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
