"""Which certificate the https door serves now: Vega's own, kept fresh, or one of its owner's.

`look` is called at the start and again and again. Nothing is held up by it: what was served goes
on until something better is there, and a problem is said, never raised.
"""

import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from vega.config import Settings
from vega.core.clock import Clock
from vega.errors import CertificateUnusable, InvalidInput
from vega.tls.authority import PUBLIC_FILE, Authority
from vega.tls.files import Served, load, write_file
from vega.tls.names import Names, is_name, machine_names, names_for_others

log = logging.getLogger(__name__)

FOLDER = "tls"
SERVER_FILE = "server.pem"
#: A certificate of Vega's own is issued anew so long before its end; for one of the owner's it is
#: then said that it ends.
RENEWED_BEFORE = timedelta(days=30)
#: The authority's end is said so long before: each device must be told to trust another one.
AUTHORITY_ENDS = timedelta(days=60)


class Certificates:
    """The certificate of one home folder."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.folder = settings.home / FOLDER
        self.own_names: Sequence[str] = settings.allowed_hosts
        self._certificate = settings.tls_certificate
        self._key = settings.tls_key
        self._clock = clock
        self._seen: object = None
        self.authority: Authority | None = None
        #: What is served; None until the first look that finds something.
        self.served: Served | None = None
        #: What its owner must know; empty: nothing.
        self.problem = ""
        #: Names of this machine that the authority may not speak for.
        self.left_out: frozenset[str] = frozenset()

    @property
    def is_own(self) -> bool:
        """Whether the owner gave a certificate of their own."""
        return self._certificate is not None

    @property
    def public_path(self) -> Path:
        """What devices are to trust, as a file."""
        return self.folder / PUBLIC_FILE

    @property
    def names_for_others(self) -> list[str]:
        """By which a phone in the same network finds this machine, the likeliest first."""
        return names_for_others(self.names, () if self.is_own else self.own_names)

    @property
    def names(self) -> frozenset[str]:
        """What the served one stands for; of `*.example.com`, those that its owner named."""
        names = self.served.names.texts if self.served else frozenset()
        named = (name.lower() for name in self.own_names)
        under = frozenset(name for name in named if f"*.{name.partition('.')[2]}" in names)
        return under | {name for name in names if not name.startswith("*.")}

    def look(self) -> None:
        """Serves what is there now; what cannot be used is said, and the old one goes on."""
        try:
            self.refresh()
        except CertificateUnusable as exc:
            self._complain(str(exc))

    def refresh(self) -> None:
        """The same, for somebody who wants to hear why not. Raises CertificateUnusable."""
        if self._certificate is not None and self._key is not None:
            self._refresh_own(self._certificate, self._key)
        else:
            self._refresh_local()
        self._complain(self._tell_end())

    def peek(self) -> None:
        """Reads what there is, and makes nothing."""
        if self._certificate is None and not (self.folder / SERVER_FILE).exists():
            return
        try:
            if self._certificate is not None and self._key is not None:
                self._refresh_own(self._certificate, self._key)
            else:
                self.authority = Authority.load(self.folder)
                path = self.folder / SERVER_FILE
                self.served = load(path, path, self._clock.now())
            self.problem = self._tell_end()
        except CertificateUnusable as exc:
            self.problem = str(exc)

    def take_up(self, hosts: Sequence[str], *, is_anew: bool = False) -> None:
        """Serves those further names too; anew: with another authority.

        Raises InvalidInput for what is no name, CertificateUnusable where it cannot be.
        """
        for host in hosts:
            if not is_name(host):
                raise InvalidInput(
                    f"{host!r} is no name that a certificate may hold. It is one as vega.local or "
                    "vega.example.com, or an address; one without a dot may be a whole domain of "
                    "the internet, unless a digit or a hyphen is in it."
                )
        before, self.own_names = self.own_names, tuple(dict.fromkeys((*self.own_names, *hosts)))
        try:
            if is_anew and not self.is_own:
                self.make_authority()
            self.refresh()
            missing = {host.lower() for host in hosts} & self.left_out
            if self.is_own and self.served:
                missing = {host.lower() for host in hosts} - self.served.names.texts
        except BaseException:
            self.own_names = before
            raise
        if missing:
            self.own_names = before
            names = ", ".join(sorted(missing))
            raise CertificateUnusable(
                f"Your own certificate does not name {names}."
                if self.is_own
                else f"The authority was made without {names}; `--new-authority` makes another "
                "one, which your devices must be told to trust."
            )

    def keep(self) -> "Kept":
        """What `go_back` needs, should what comes now fail."""
        if self.authority is None and not self.is_own:
            # A damaged one is nothing to go back to.
            with suppress(CertificateUnusable):
                self.authority = Authority.load(self.folder)
        return Kept(self.own_names, self.authority, self.served, self.left_out)

    def go_back(self, kept: "Kept") -> None:
        """To the names, the authority and the certificate of before."""
        is_other, is_anew = self.authority is not kept.authority, self.served is not kept.served
        self.own_names, self.authority, self.served, self.left_out = kept
        if self.is_own or self.authority is None:
            return
        with suppress(CertificateUnusable):
            if is_other:
                self.authority.save(self.folder)
            if is_anew:
                names = machine_names(self.own_names)
                self._issue(self.authority, self.authority.covered(names))

    def make_authority(self) -> None:
        """Another authority, for the names of now; devices must be told to trust it anew.

        Raises CertificateUnusable.
        """
        names = machine_names(self.own_names)
        made = Authority.make(names, socket.gethostname(), self._clock.now())
        made.save(self.folder)
        self.authority = made
        self._issue(made, made.covered(names))

    def _refresh_own(self, certificate: Path, key: Path) -> None:
        seen = (_state(certificate), _state(key))
        if self.served is None or seen != self._seen:
            served = load(certificate, key, self._clock.now())
            self.served, self._seen = served, seen
            log.info("The certificate in %s is served.", certificate)

    def _refresh_local(self) -> None:
        if self.authority is None:
            self.authority = Authority.load(self.folder)
        if self.authority is None:
            self.make_authority()
            return
        names = machine_names(self.own_names)
        covered = self.authority.covered(names)
        self.left_out = names.texts - covered.texts
        if self.served is None:
            try:
                path = self.folder / SERVER_FILE
                self.served = load(path, path, self._clock.now())
            except CertificateUnusable:
                # It can be issued anew at any time.
                self.served = None
        if self.served is None or self._is_stale(self.authority, self.served, covered):
            self._issue(self.authority, covered)

    def _is_stale(self, authority: Authority, served: Served, wanted: Names) -> bool:
        now = self._clock.now()
        if now < served.not_before or now >= served.not_after - RENEWED_BEFORE:
            return True
        # Names that are gone for now, as on another network, do no harm.
        return not served.names.cover(wanted) or not authority.has_issued(served.leaf)

    def _issue(self, authority: Authority, names: Names) -> None:
        now = self._clock.now()
        if now >= authority.not_after:
            raise CertificateUnusable(
                f"The authority ended on {authority.not_after:%Y-%m-%d}; make another one: "
                "vega tls on --new-authority"
            )
        path = self.folder / SERVER_FILE
        write_file(path, authority.issue(names, now))
        self.served = load(path, path, now)
        log.info("A new certificate is served, for %s.", ", ".join(sorted(names.texts)))

    def _tell_end(self) -> str:
        now = self._clock.now()
        if self.is_own and self.served and now >= self.served.not_after - RENEWED_BEFORE:
            word = "ended" if now >= self.served.not_after else "ends"
            day = f"{self.served.not_after:%Y-%m-%d}"
            return f"The certificate in {self._certificate} {word} on {day}; renew it there."
        if not self.is_own and self.authority and now >= self.authority.not_after - AUTHORITY_ENDS:
            return (
                f"Vega's authority ends on {self.authority.not_after:%Y-%m-%d}; make another one, "
                "which your devices must be told to trust: vega tls on --new-authority"
            )
        return ""

    def _complain(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem


class Kept(NamedTuple):
    """How it was at one moment."""

    own_names: Sequence[str]
    authority: Authority | None
    served: Served | None
    left_out: frozenset[str]


class _State(NamedTuple):
    """A file, as it was last read."""

    inode: int
    changed_at: int
    size: int


def _state(path: Path) -> _State | None:
    try:
        # Through links: those of an ACME client change what they lead to.
        found = path.stat()
    except OSError:
        return None
    return _State(found.st_ino, found.st_mtime_ns, found.st_size)
