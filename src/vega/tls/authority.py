"""A small authority for this machine alone, and the certificates that it issues.

Two certificates, one below the other. The upper one is what devices are told to trust; its key is
forgotten as soon as it has signed the lower one, which issues from then on. Both are limited, by a
critical extension, to this machine's names and to private addresses. So the key that stays here is
of no use against anybody else, also to a program that checks no limits in what it trusts, as it
need not (RFC 5280, 6.1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vega.errors import CertificateUnusable
from vega.tls.files import read_file, write_file
from vega.tls.names import LOOPBACK, PRIVATE, Address, Names, is_private

AUTHORITY_FILE = "authority.pem"
#: What devices fetch: public, and the only part of the authority that leaves.
PUBLIC_FILE = "vega-ca.crt"

AUTHORITY_LIFETIME = timedelta(days=3650)
#: Apple's devices take at most 825 days from an authority of one's own, and 398 is what all
#: platforms take from the public ones.
SERVER_LIFETIME = timedelta(days=397)
#: A device whose clock is behind finds a new certificate valid all the same.
BACKDATED = timedelta(days=1)
#: A machine without a battery for its clock may begin decades ago.
EARLIEST_YEAR = 2026


@dataclass(frozen=True, slots=True)
class Authority:
    """What devices trust (`root`), and what issues below it."""

    root: x509.Certificate
    issuer: x509.Certificate
    issuer_key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, names: Names, machine: str, now: datetime) -> "Authority":
        """A new one for those names, called after the machine.

        Raises CertificateUnusable where the clock is surely wrong.
        """
        if now.year < EARLIEST_YEAR:
            raise CertificateUnusable(
                f"This machine's clock says {now:%Y-%m-%d}; a certificate made now would be good "
                "for nobody. Set the clock first."
            )
        root_key, issuer_key = _new_key(), _new_key()
        # The day tells an authority from the one before it, in a list of many.
        title = f"Vega on {machine}"[:40]
        root_name = _name(f"{title}, {now:%Y-%m-%d}")
        limits = _limits(names)
        root = _certify(root_name, root_name, root_key, root_key, now, AUTHORITY_LIFETIME)
        issuer = _certify(_name(title), root_name, issuer_key, root_key, now, AUTHORITY_LIFETIME)
        serving = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return cls(
            _as_authority(root, limits, 1).sign(root_key, hashes.SHA256()),
            _as_authority(issuer, limits, 0)
            .add_extension(serving, critical=False)
            .sign(root_key, hashes.SHA256()),
            issuer_key,
        )

    @classmethod
    def load(cls, folder: Path) -> "Authority | None":
        """The one that is there; None where there is none.

        Raises CertificateUnusable where it is damaged: another one must be trusted anew, so it is
        never made unasked.
        """
        path = folder / AUTHORITY_FILE
        if not path.exists():
            return None
        text = read_file(path)
        try:
            key = serialization.load_pem_private_key(text, None)
            issuer, root = x509.load_pem_x509_certificates(text)
        except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
            raise CertificateUnusable(
                f"{path} is damaged. `vega tls on --new-authority` makes another one, which your "
                "devices must be told to trust again."
            ) from exc
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CertificateUnusable(f"{path} was not made by Vega, which leaves it as it is.")
        return cls(root, issuer, key)

    def save(self, folder: Path) -> None:
        """Raises CertificateUnusable where it cannot be written."""
        parts = [_pem(self.issuer), _pem(self.root)]
        write_file(folder / AUTHORITY_FILE, b"".join([_key_pem(self.issuer_key), *parts]))
        write_file(folder / PUBLIC_FILE, self.public, mode=0o644)

    @property
    def public(self) -> bytes:
        """What devices are told to trust, as PEM."""
        return _pem(self.root)

    @property
    def not_after(self) -> datetime:
        return min(self.root.not_valid_after_utc, self.issuer.not_valid_after_utc)

    def has_issued(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self.issuer)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def covered(self, names: Names) -> Names:
        """Those of the names that it may speak for."""
        limits = self.issuer.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = limits.permitted_subtrees or []
        hosts = [each.value for each in permitted if isinstance(each, x509.DNSName)]
        networks = [
            ip_network(each.value) for each in permitted if isinstance(each, x509.IPAddress)
        ]
        return Names(
            frozenset(
                name
                for name in names.hosts
                if any(name == host or name.endswith(f".{host}") for host in hosts)
            ),
            frozenset(
                address
                for address in names.addresses
                # Of the other protocol, "in" is false.
                if any(address in network for network in networks)
            ),
        )

    def issue(self, names: Names, now: datetime) -> bytes:
        """A key and a certificate for a server of those names, with the issuer's, as PEM."""
        key = _new_key()
        lifetime = min(SERVER_LIFETIME, self.not_after - now)
        builder = _certify(_name("Vega"), self.issuer.subject, key, self.issuer_key, now, lifetime)
        usage = _key_usage(signs=True)
        serving = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        leaf = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(serving, critical=False)
            .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
            .sign(self.issuer_key, hashes.SHA256())
        )
        return _key_pem(key) + _pem(leaf) + _pem(self.issuer)


def _limits(names: Names) -> x509.NameConstraints:
    """The names and what lies below them; private addresses all, since they change."""
    single = [*LOOPBACK, *(each for each in names.addresses if not is_private(each))]
    networks = [*PRIVATE, *(ip_network(each) for each in sorted(set(single), key=str))]
    permitted: list[x509.GeneralName] = [x509.DNSName(host) for host in sorted(names.hosts)]
    permitted += [x509.IPAddress(network) for network in networks]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _general(names: Names) -> Iterable[x509.GeneralName]:
    addresses: Sequence[Address] = sorted(names.addresses, key=str)
    yield from (x509.DNSName(host) for host in sorted(names.hosts))
    yield from (x509.IPAddress(address) for address in addresses)


def _certify(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    """What all of them have: who, by whom, from when until when, which keys."""
    begin = now - BACKDATED
    public = issuer_key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )


def _as_authority(
    builder: x509.CertificateBuilder, limits: x509.NameConstraints, path_length: int
) -> x509.CertificateBuilder:
    basic = x509.BasicConstraints(ca=True, path_length=path_length)
    return (
        builder.add_extension(basic, critical=True)
        .add_extension(_key_usage(signs=False), critical=True)
        .add_extension(limits, critical=True)
    )


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    """Of a server's key, which signs handshakes; else of one that signs certificates."""
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
