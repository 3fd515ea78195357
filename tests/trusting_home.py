"""A home folder whose programs trust a certificate: what `certutil -A -t C,,` leaves behind.

Chromium on Linux reads the store of its user, `~/.pki/nssdb`; so one browser of a test trusts, and
nothing on the machine changes. NSS itself, which Chromium comes with, makes the store; in a process
of its own, since it is one per process.
"""

import ctypes
import ctypes.util
import subprocess
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

#: Trusted to issue certificates of servers: CERTDB_VALID_CA and CERTDB_TRUSTED_CA.
_TRUSTED = 0x08 | 0x10
_SUCCESS = 0


class _Item(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int), ("data", ctypes.c_char_p), ("len", ctypes.c_uint))


class _Trust(ctypes.Structure):
    _fields_ = (("ssl", ctypes.c_uint), ("email", ctypes.c_uint), ("code", ctypes.c_uint))


def make_trusting_home(home: Path, certificate: bytes) -> None:
    """A store in that home that trusts the certificate, given as PEM."""
    store = home / ".pki" / "nssdb"
    store.mkdir(mode=0o700, parents=True)
    der = x509.load_pem_x509_certificate(certificate).public_bytes(Encoding.DER)
    command = [sys.executable, __file__, str(store)]
    subprocess.run(command, input=der, check=True, capture_output=True)


def _fill(store: str, der: bytes) -> None:
    nss = ctypes.CDLL(ctypes.util.find_library("nss3") or "libnss3.so")
    for name in ("PK11_GetInternalKeySlot", "CERT_GetDefaultCertDB", "CERT_NewTempCertificate"):
        getattr(nss, name).restype = ctypes.c_void_p
    _check(nss.NSS_InitReadWrite(f"sql:{store}".encode()))
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    _check(nss.PK11_InitPin(slot, None, b""))
    database = ctypes.c_void_p(nss.CERT_GetDefaultCertDB())
    item = _Item(0, der, len(der))
    found = nss.CERT_NewTempCertificate(database, ctypes.byref(item), None, 0, 1)
    certificate = ctypes.c_void_p(found)
    _check(nss.PK11_ImportCert(slot, certificate, ctypes.c_ulong(0), b"vega", 0))
    trust = _Trust(_TRUSTED, 0, 0)
    _check(nss.CERT_ChangeCertTrust(database, certificate, ctypes.byref(trust)))
    nss.CERT_DestroyCertificate(certificate)
    nss.PK11_FreeSlot(slot)
    _check(nss.NSS_Shutdown())


def _check(result: int) -> None:
    if result != _SUCCESS:
        raise RuntimeError("NSS could not do that")


if __name__ == "__main__":
    _fill(sys.argv[1], sys.stdin.buffer.read())
