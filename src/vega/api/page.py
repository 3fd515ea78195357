"""The page: its shell at `/` and `/pair`, its script and style below `/assets/`.

The files are those that web/build_hook.py built into the package. They are read and compressed
once and then kept, so that a page that is installed under a running Vega does not break the old
one. Nothing here is secret: what the page shows, it asks for like any other client.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from starlette.exceptions import HTTPException

import vega

router = APIRouter(include_in_schema=False)

FOLDER = Path(vega.__file__).parent / "web"
SHELL = "index.html"
NOT_BUILT = (
    "Vega is running, but its page was not built. Run `make install` in Vega's folder, or install "
    "Vega once more, and start it again. Everything else works; `vega chat` needs no page.\n"
)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types dompurify"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
#: Of all that the build makes; the machine's own table may say otherwise.
_MEDIA_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
#: The shell names the assets by their content's hash: it is asked for each time, they never again.
_ASK_AGAIN = "no-cache"
_KEEP = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the page, plain and compressed."""

    body: bytes
    gzipped: bytes
    etag: str
    media_type: str


@router.api_route("/", methods=["GET", "HEAD"])
@router.api_route("/pair", methods=["GET", "HEAD"])
async def shell(
    accept_encoding: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """The same for both: the code of a pairing link stands behind a `#` and does not come here."""
    found = page_files(FOLDER).get(SHELL)
    if found is None:
        return Response(NOT_BUILT, 503, {**_HEADERS, "Cache-Control": "no-store"}, "text/plain")
    if found.etag in if_none_match:
        return Response(None, 304, {**_HEADERS, "Cache-Control": _ASK_AGAIN, "ETag": found.etag})
    return _sent(found, _ASK_AGAIN, accept_encoding)


@router.api_route("/assets/{name}", methods=["GET", "HEAD"])
async def asset(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    found = page_files(FOLDER).get(f"assets/{name}")
    if found is None:
        raise HTTPException(404)
    return _sent(found, _KEEP, accept_encoding)


def _sent(found: PageFile, caching: str, accept_encoding: str) -> Response:
    headers = {
        **_HEADERS,
        "Cache-Control": caching,
        "ETag": found.etag,
        "Vary": "Accept-Encoding",
    }
    if "gzip" not in accept_encoding:
        return Response(found.body, 200, headers, found.media_type)
    headers["Content-Encoding"] = "gzip"
    return Response(found.gzipped, 200, headers, found.media_type)


@cache
def page_files(folder: Path) -> dict[str, PageFile]:
    """The built page by its paths; empty where none was built."""
    if not (folder / SHELL).is_file():
        return {}
    assets = (folder / "assets").iterdir()
    found = {f"assets/{one.name}": _page_file(one) for one in assets if one.is_file()}
    return {SHELL: _page_file(folder / SHELL), **found}


def _page_file(path: Path) -> PageFile:
    body = path.read_bytes()
    return PageFile(
        body=body,
        gzipped=gzip.compress(body, mtime=0),
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        media_type=_MEDIA_TYPES[path.name.rpartition(".")[2]],
    )
