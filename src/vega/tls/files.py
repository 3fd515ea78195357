"""A certificate and its key as files: read, checked for what is commonly wrong, ready to serve.

Every check says what is wrong in words that its owner can act on; what OpenSSL itself says of such
a pair is of little help.
"""

import ssl
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from vega.errors import CertificateUnusable
from vega.syncing import write_whole
from vega.tls.names import Names

#: With forward secrecy and authenticated encryption alone; TLS 1.3 has no others.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
#: Certificates with their chains are a few KB.
MAX_FILE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Served:
    """A certificate ready to be served, and what it says of itself."""

    context: ssl.SSLContext
    leaf: x509.Certificate
    names: Names
    #: Who issued it, as its owner would call them.
    issuer: str
    not_before: datetime
    not_after: datetime
    #: SHA-256, as browsers show it.
    fingerprint: str


def load(certificate: Path, key: Path, now: datetime) -> Served:
    """What those two files hold, which may be one. Raises CertificateUnusable."""
    leaf = _read_chain(certificate)[0]
    private = _read_key(key)
    if _public_bytes(private) != _public_bytes(leaf):
        raise CertificateUnusable(
            f"The key in {key} does not belong to the first certificate in {certificate}. The "
            "server's certificate must come first, then those of its issuers."
        )
    not_before, not_after = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now >= not_after:
        raise CertificateUnusable(
            f"The certificate in {certificate} expired on {not_after:%Y-%m-%d}."
        )
    if now < not_before:
        raise CertificateUnusable(
            f"The certificate in {certificate} begins on {not_before:%Y-%m-%d}; this machine's "
            f"clock says {now:%Y-%m-%d}."
        )
    names = _names(leaf)
    if not names.texts:
        raise CertificateUnusable(
            f"The certificate in {certificate} names no host as subjectAltName; browsers accept "
            "none without."
        )
    return Served(
        _context(certificate, key),
        leaf,
        names,
        _title(leaf.issuer),
        not_before,
        not_after,
        fingerprint(leaf),
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256, in pairs of digits as browsers and phones show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def read_file(path: Path) -> bytes:
    """Raises CertificateUnusable."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES)
    except OSError as exc:
        raise CertificateUnusable(f"{path} cannot be read: {exc.strerror or exc}.") from exc


def write_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """In a folder for its owner alone; the file appears whole or not at all.

    Raises CertificateUnusable where it cannot be written.
    """
    try:
        # The home folder too may not be there yet; `parents` alone would leave it open to others.
        path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, content, mode)
    except OSError as exc:
        raise CertificateUnusable(f"{path} cannot be written: {exc.strerror or exc}.") from exc


def _read_chain(path: Path) -> list[x509.Certificate]:
    text = read_file(path)
    try:
        return x509.load_pem_x509_certificates(text)
    except ValueError as exc:
        raise CertificateUnusable(
            f"{path} holds no certificate in the PEM format (-----BEGIN CERTIFICATE-----)."
        ) from exc


def _read_key(path: Path) -> PrivateKeyTypes:
    text = read_file(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    # A group may be made for readers of keys; the world may not be one.
    if mode & 0o027:
        raise CertificateUnusable(
            f"Others than its owner and group can reach the key in {path} (mode {mode:04o}); "
            f"`chmod 600 {path}` takes that away."
        )
    try:
        return serialization.load_pem_private_key(text, None)
    except TypeError as exc:
        raise CertificateUnusable(
            f"The key in {path} is protected by a passphrase, which nobody could type at a start; "
            "give Vega one without."
        ) from exc
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise CertificateUnusable(f"{path} holds no private key that Vega can use.") from exc


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        # Without a passphrase, or OpenSSL would ask the terminal for one.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as exc:
        raise CertificateUnusable(
            f"{certificate} and {key} cannot be served: {exc.strerror or exc}."
        ) from exc
    return context


def _names(leaf: x509.Certificate) -> Names:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return Names(frozenset(), frozenset())
    hosts = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return Names(frozenset(host.lower() for host in hosts), frozenset(addresses))  # type: ignore[arg-type]


def _public_bytes(holder: PrivateKeyTypes | x509.Certificate) -> bytes:
    return holder.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _title(name: x509.Name) -> str:
    found = [
        *name.get_attributes_for_oid(x509.NameOID.COMMON_NAME),
        *name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME),
    ]
    return str(found[0].value) if found else name.rfc4514_string()
