"""Brings a file from a hub that serves as Hugging Face does, and goes on where it broke off.

What comes lies in a part beside where the file will be. That all of it is there is seen to here;
that it is the right one, by its checksum, in `vega.llm.download`.
"""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vega.errors import ModelFileRefused, ModelUnavailable
from vega.llm.catalogue import CatalogueModel, HubFile
from vega.llm.gguf_file import MAGIC, beginning_of

if TYPE_CHECKING:
    import httpx2

HUB_URL = "https://huggingface.co"
#: Told the bytes that are there.
Tell = Callable[[int], None]

MOST_REDIRECTS = 5
#: Between two looks at the disk: what has come is then on it, and there is room for more.
SYNC_BYTES = 64 << 20
#: What a download leaves free, for the life that lies on the same disk.
RESERVED_BYTES = 500_000_000
#: Statuses that another attempt does not change.
FINAL_STATUSES = {
    401: "asks for an account",
    403: "does not give it out",
    404: "does not have it",
    410: "does not have it any more",
    451: "may not give it out",
}
LONGEST_RETRY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a hub is waited for."""

    connect_seconds: float = 10.0
    #: Without a single byte.
    stall_seconds: float = 30.0
    #: Before the next attempt, as long as one after the other brings nothing.
    pauses_seconds: tuple[float, ...] = (1.0, 2.0, 5.0)


class OtherFile(Exception):
    """What the hub sends cannot be the file, or not the one that had begun to come."""


class _BrokenOff(Exception):
    """This attempt is over, and the next may go better."""

    def __init__(self, message: str, retry_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class Hub:
    """A hub at its address."""

    def __init__(self, url: str = HUB_URL, patience: Patience | None = None) -> None:
        self._url = url
        self._patience = patience or Patience()

    async def fetch(self, model: CatalogueModel, source: HubFile, part: Path, tell: Tell) -> None:
        """Bring what is missing of the model's file. On return the part has the file's size.

        Attempts go on as long as they bring something; ModelUnavailable is for later, as is
        OSError for a full disk. Raises ModelFileRefused for what will not change, and OtherFile
        when the part is of no use.
        """
        fruitless = 0
        while True:
            done = size_of(part)
            tell(done)
            try:
                if done < model.size_bytes:
                    await self._attempt(model, source, part, tell)
                return
            except _BrokenOff as error:
                fruitless = fruitless + 1 if size_of(part) <= done else 0
                if fruitless > len(self._patience.pauses_seconds):
                    raise ModelUnavailable(str(error)) from error
                pause = self._patience.pauses_seconds[max(0, fruitless - 1)]
                await asyncio.sleep(max(pause, error.retry_seconds))

    async def _attempt(
        self, model: CatalogueModel, source: HubFile, part: Path, tell: Tell
    ) -> None:
        offset = size_of(part)
        if offset < len(MAGIC):
            # What begins well has not been seen yet.
            offset = 0
        etag = _read_etag(part) if offset else ""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if etag:
            # Of a file that has changed the server then sends all.
            headers["If-Range"] = etag
        _check_room(part.parent, model.size_bytes - offset)
        async with self._answer(model, source.url(self._url), headers) as response:
            if not _goes_on(response, offset, etag):
                if response.status_code != 200:
                    raise OtherFile("it sends another part than the one that is missing")
                offset = 0
            promised = offset + int(response.headers.get("content-length", 0))
            if promised > model.size_bytes:
                raise OtherFile(f"it sends {promised} bytes instead of {model.size_bytes}")
            with part.open("ab" if offset else "wb") as file:
                if not offset:
                    _etag_path(part).write_text(response.headers.get("etag", ""))
                await _receive(response, file, offset, model.size_bytes, tell)
        if size_of(part) < model.size_bytes:
            raise _BrokenOff(f"{_host(response)} ends before all of {model.id} has come.")

    @asynccontextmanager
    async def _answer(
        self, model: CatalogueModel, url: str, headers: Mapping[str, str]
    ) -> AsyncIterator["httpx2.Response"]:
        """The answer that carries the bytes, after all redirects. Translates what httpx raises."""
        import httpx2

        patience = self._patience
        timeout = httpx2.Timeout(patience.stall_seconds, connect=patience.connect_seconds)
        # Compressed, the bytes would not be those that Range counts.
        own = {"User-Agent": "vega", "Accept-Encoding": "identity"}
        try:
            async with (
                httpx2.AsyncClient(timeout=timeout, headers=own) as client,
                _followed(client, model, httpx2.URL(url), headers) as response,
            ):
                yield response
        except httpx2.ReadTimeout as error:
            raise _BrokenOff(
                f"{_host(error)} has sent nothing for {patience.stall_seconds:g} seconds."
            ) from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            if "SSL" in str(error):
                # As behind a proxy that looks into what passes: its certificate is to be installed.
                raise _BrokenOff(f"{_host(error)} cannot be trusted: {error}.") from error
            raise _BrokenOff(
                f"{_host(error)} cannot be reached, so {model.id} waits for the network."
            ) from error
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise ModelFileRefused(f"{url} is no address to fetch {model.id} from.") from error
        except httpx2.TransportError as error:
            raise _BrokenOff(f"The connection to {_host(error)} broke off.") from error


def next_address(url: "httpx2.URL", location: str) -> "httpx2.URL":
    """Where a redirect leads. Raises ModelFileRefused when what comes from there is less safe."""
    target = url.join(location)
    if target.scheme not in {url.scheme, "https"}:
        raise ModelFileRefused(
            f"{url.host} sends on to an address that is less safe ({target.scheme})."
        )
    return target


def size_of(part: Path) -> int:
    """How many bytes have come."""
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def discard(part: Path) -> None:
    """Throw the part away."""
    for path in (part, _etag_path(part)):
        path.unlink(missing_ok=True)


@asynccontextmanager
async def _followed(
    client: "httpx2.AsyncClient",
    model: CatalogueModel,
    url: "httpx2.URL",
    headers: Mapping[str, str],
) -> AsyncIterator["httpx2.Response"]:
    """Follow redirects, by hand: each hop is looked at, and none is told what another set."""
    for _ in range(MOST_REDIRECTS + 1):
        async with client.stream("GET", url, headers=headers) as response:
            client.cookies.clear()
            _check_linked(response, model)
            if not response.has_redirect_location:
                _check_status(response, model)
                yield response
                return
            url = next_address(url, response.headers["location"])
    raise ModelFileRefused(f"{url.host} sends {model.id} on from address to address without end.")


def _check_linked(response: "httpx2.Response", model: CatalogueModel) -> None:
    """The hub itself says which file stands behind a redirect, before a byte of it is sent."""
    checksum = response.headers.get("x-linked-etag", "").strip('"')
    if len(checksum) == len(model.sha256) and checksum != model.sha256:
        raise ModelFileRefused(
            f"{response.url.host} has another file than the {model.id} that this Vega knows; "
            "a newer Vega may know it."
        )


def _check_status(response: "httpx2.Response", model: CatalogueModel) -> None:
    status = response.status_code
    if status in FINAL_STATUSES:
        raise ModelFileRefused(
            f"{response.url.host} {FINAL_STATUSES[status]}: {model.id} ({status})."
        )
    if status == 416:
        raise OtherFile("it has less than what has come already")
    if status not in {200, 206}:
        wait = response.headers.get("retry-after", "")
        raise _BrokenOff(
            f"{response.url.host} cannot send {model.id} now ({status}).",
            min(float(wait), LONGEST_RETRY_SECONDS) if wait.isdecimal() else 0.0,
        )


def _goes_on(response: "httpx2.Response", offset: int, etag: str) -> bool:
    """Whether the answer is the rest of the very file whose beginning is here."""
    return (
        offset > 0
        and response.status_code == 206
        and response.headers.get("content-range", "").startswith(f"bytes {offset}-")
        and (not etag or response.headers.get("etag", etag) == etag)
    )


async def _receive(
    response: "httpx2.Response", file: BinaryIO, done: int, size: int, tell: Tell
) -> None:
    """Write what comes, in a thread: a disk that cannot keep up must not hold up a turn."""
    synced = done
    beginning = b""
    async for piece in response.aiter_raw():
        if done < len(MAGIC):
            beginning += piece[:100]
            _check_beginning(beginning, response)
        if done + len(piece) > size:
            raise OtherFile(f"it sends more than {size} bytes")
        await asyncio.to_thread(file.write, piece)
        done += len(piece)
        if done - synced >= SYNC_BYTES:
            await asyncio.to_thread(_sync, file)
            _check_room(Path(file.name).parent, 0)
            synced = done
        tell(done)


def _check_beginning(beginning: bytes, response: "httpx2.Response") -> None:
    """A login page is no model, and nothing of it is kept."""
    if not MAGIC.startswith(beginning[: len(MAGIC)]):
        raise ModelFileRefused(
            f"What {response.url.host} sends is no GGUF file: it begins with "
            f"{beginning_of(beginning)}."
        )


def _check_room(folder: Path, needed: int) -> None:
    if shutil.disk_usage(folder).free < needed + RESERVED_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _etag_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _read_etag(part: Path) -> str:
    """The strong mark of the file that had begun to come; a weak one does not vouch for bytes."""
    with suppress(OSError, UnicodeDecodeError):
        etag = _etag_path(part).read_text()
        return "" if etag.startswith("W/") else etag
    return ""


def _host(message: "httpx2.Response | httpx2.RequestError") -> str:
    """Only the host: the rest of a signed address is a key."""
    return message.request.url.host
