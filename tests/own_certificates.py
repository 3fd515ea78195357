"""Certificates as an owner may bring them, good and bad, made for a test."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def write_own(
    folder: Path,
    begin: datetime,
    *,
    hosts: tuple[str, ...] = ("vega.example.com", "localhost"),
    days: float = 90,
    passphrase: bytes | None = None,
) -> tuple[Path, Path]:
    """A certificate signed by itself, and its key: the paths of both files, written over."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An issuer")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    certificate_path, key_path = folder / "own.pem", folder / "own.key"
    certificate = builder.sign(key, hashes.SHA256())
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    _replace(
        key_path,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        ),
    )
    _replace(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
    return certificate_path, key_path


def _replace(path: Path, content: bytes) -> None:
    """As programs that renew certificates do: by a new file in place of the old."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.chmod(0o600)
    os.replace(part, path)
