"""What was tried against the HTTP of a real Vega, byte by byte, and what each is answered.

`docs/access.md` lists them by these names; a test holds the two together.
"""

from dataclasses import dataclass

#: Stands in a request's bytes for the owner's key.
KEY = "{key}"
#: What the life holds, and nobody without a key is ever shown.
SECRET = "My secret is a heron."


@dataclass(frozen=True)
class Raw:
    """Bytes on a connection of their own, and the status of what comes back first."""

    name: str
    sent: str
    status: int
    #: How many answers come in all: what is smuggled behind a request would get one more.
    answers: int = 1


def _request(line: str, *headers: str, host: str | None = "localhost", body: str = "") -> str:
    """With the owner's key, unless it is said to be without."""
    lines = [line, *([f"Host: {host}"] if host is not None else []), *headers]
    return "\r\n".join([*lines, "Connection: close", "", body])


def _keyed(line: str, *headers: str, host: str | None = "localhost", body: str = "") -> str:
    return _request(line, f"X-API-Key: {KEY}", *headers, host=host, body=body)


_GET = "GET /history HTTP/1.1"
_POST = "POST /chat HTTP/1.1"
_CHUNKED = "Transfer-Encoding: chunked"
_SMUGGLED = f"GET /history HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n"
_SOCKET = ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")

PATHS = [
    Raw("`..` out of the page's files", _request("GET /assets/../history HTTP/1.1"), 404),
    Raw("`%2e%2e` out of them", _request("GET /assets/%2e%2e/history HTTP/1.1"), 404),
    Raw("`..%2f` out of them", _request("GET /assets/..%2fhistory HTTP/1.1"), 404),
    Raw(
        "`..%2f` to the system's files",
        _request(f"GET /docs/{'..%2f' * 9}etc/passwd HTTP/1.1"),
        404,
    ),
    Raw("`%00` in a file's name", _request("GET /assets/index%00.js HTTP/1.1"), 404),
    Raw("a second slash before a path", _request("GET //history HTTP/1.1"), 401),
    Raw("another host behind two slashes", _request("GET //evil.example/history HTTP/1.1"), 401),
    Raw("a path behind a probe's", _request("GET /healthz/../history HTTP/1.1"), 401),
    Raw("a parameter behind a probe's path", _request("GET /healthz;/history HTTP/1.1"), 401),
    Raw("capital letters", _request("GET /HISTORY HTTP/1.1"), 401),
    Raw("`%zz`", _request("GET /%zz HTTP/1.1"), 401),
    Raw("bytes that are no UTF-8", _request("GET /%ff%fe HTTP/1.1"), 401),
    Raw("bytes beyond ASCII in a path", _request("GET /h\xe9 HTTP/1.1"), 400),
    Raw("`X-Original-URL`, `X-Rewrite-URL`", _request(_GET, "X-Original-URL: /healthz"), 401),
    Raw("the key in the address", _request(f"GET /history?key={KEY}&api_key={KEY} HTTP/1.1"), 401),
]
TARGETS = [
    Raw("another host's whole address", _keyed("GET http://evil.example/history HTTP/1.1"), 421),
    Raw("a whole address with a user", _keyed("GET http://a@localhost/history HTTP/1.1"), 421),
    Raw("a file's address", _keyed("GET file:///etc/passwd HTTP/1.1"), 400),
    Raw("`CONNECT` to another host", _keyed("CONNECT evil.example:443 HTTP/1.1"), 400),
    Raw("`CONNECT` to Vega itself", _keyed("CONNECT localhost:8000 HTTP/1.1"), 400),
    Raw("`OPTIONS *`", _keyed("OPTIONS * HTTP/1.1"), 421),
    Raw("`TRACE`, which would show headers", _keyed("TRACE /history HTTP/1.1"), 405),
    Raw("a method that is none", _keyed("STEAL /history HTTP/1.1"), 400),
    Raw(
        "`X-HTTP-Method-Override`",
        _keyed("PUT /history HTTP/1.1", "X-HTTP-Method-Override: GET"),
        405,
    ),
]
HOSTS = [
    Raw("no `Host`", _keyed(_GET, host=None), 421),
    Raw("HTTP/1.0 without `Host`", _keyed("GET /history HTTP/1.0", host=None), 421),
    Raw("HTTP/0.9", "GET /history\r\n\r\n", 421),
    Raw("two `Host` headers, ours first", _keyed(_GET, "Host: evil.example"), 400),
    Raw("two `Host` headers, ours last", _keyed(_GET, "Host: localhost", host="evil.example"), 400),
    Raw("another name", _keyed(_GET, host="evil.example"), 421),
    Raw("our name with another behind it", _keyed(_GET, host="localhost.evil.example"), 421),
    Raw("our name with a dot behind it", _keyed(_GET, host="localhost."), 421),
    Raw("a user before our name", _keyed(_GET, host="evil.example@localhost"), 421),
    Raw("our name as a user", _keyed(_GET, host="localhost@evil.example"), 421),
    Raw("a port that is none", _keyed(_GET, host="localhost:99999"), 421),
    Raw("two ports", _keyed(_GET, host="localhost:80:80"), 421),
    Raw("a port of letters", _keyed(_GET, host="localhost:http"), 421),
    Raw("two names in one header", _keyed(_GET, host="localhost, evil.example"), 421),
    Raw("a blank before the colon", _keyed(_GET, "Host : localhost", host=None), 400),
    Raw("a header over two lines", _keyed(_GET, "X: a", " b"), 400),
    Raw("an address of this machine that is none of Vega's", _keyed(_GET, host="127.0.0.2"), 421),
    Raw("the address as a number", _keyed(_GET, host="2130706433"), 421),
]
BODIES = [
    Raw(
        "both lengths, `Content-Length` first",
        _keyed(_POST, "Content-Length: 4", _CHUNKED, body=f"0\r\n\r\n{_SMUGGLED}"),
        400,
    ),
    Raw(
        "both lengths, `Transfer-Encoding` first",
        _keyed(_POST, _CHUNKED, "Content-Length: 4", body=f"0\r\n\r\n{_SMUGGLED}"),
        400,
    ),
    Raw(
        "two different `Content-Length`",
        _keyed(_POST, "Content-Length: 0", f"Content-Length: {len(_SMUGGLED)}", body=_SMUGGLED),
        400,
    ),
    Raw("`Content-Length: 4, 4`", _keyed(_POST, "Content-Length: 4, 4", body="abcd"), 400),
    Raw("`Content-Length: -1`", _keyed(_POST, "Content-Length: -1"), 400),
    Raw("`Content-Length: +4`", _keyed(_POST, "Content-Length: +4", body="abcd"), 400),
    Raw("a `Content-Length` beyond 64 bits", _keyed(_POST, f"Content-Length: {'9' * 30}"), 400),
    Raw(
        "ten gigabytes, announced, without a key",
        _request(_POST, "Content-Length: 9999999999", body="a"),
        401,
    ),
    Raw(
        "`Transfer-Encoding: xchunked`",
        _keyed(_POST, "Transfer-Encoding: xchunked", body=f"0\r\n\r\n{_SMUGGLED}"),
        400,
    ),
    Raw(
        "`Transfer-Encoding: chunked, identity`",
        _keyed(_POST, "Transfer-Encoding: chunked, identity", body="0\r\n\r\n"),
        400,
    ),
    Raw(
        "`Transfer-Encoding` with a blank before its colon",
        _keyed(_POST, "Transfer-Encoding : chunked", body="0\r\n\r\n"),
        400,
    ),
    Raw(
        "a chunk whose size is no number",
        _keyed(_POST, _CHUNKED, body="zz\r\nab\r\n0\r\n\r\n"),
        400,
    ),
    Raw("a chunk of less than nothing", _keyed(_POST, _CHUNKED, body="-1\r\nab\r\n0\r\n\r\n"), 400),
    Raw(
        "a chunk beyond 64 bits",
        _keyed(_POST, _CHUNKED, body=f"{'f' * 17}\r\nab\r\n0\r\n\r\n"),
        400,
    ),
    Raw(
        "a chunk longer than it says", _keyed(_POST, _CHUNKED, body="1\r\nabcdef\r\n0\r\n\r\n"), 400
    ),
    Raw(
        "a line's end in a chunk's extension",
        _keyed(_POST, _CHUNKED, body="2;a=\n\r\n{{}}\r\n0\r\n\r\n"),
        400,
    ),
    Raw("lines that end with a line feed alone", _keyed(_GET).replace("\r\n", "\n"), 400),
    Raw("a carriage return inside of a header", _keyed(_GET, "X: a\rb"), 400),
    Raw("a NUL inside of a header", _keyed(_GET, "X: a\0b"), 400),
    Raw("a blank inside of a header's name", _keyed(_GET, "X Y: a"), 400),
    Raw(
        "`Expect: 100-continue` without a key",
        _request(_POST, "Expect: 100-continue", "Content-Length: 10"),
        401,
    ),
    Raw("a request behind one that closes", _request("GET /healthz HTTP/1.1", body=_SMUGGLED), 200),
    Raw(
        "a request without a key behind one that needs none",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + _request(_GET),
        200,
        answers=2,
    ),
]
PROTOCOLS = [
    Raw(
        "a websocket without a key",
        _request("GET /api/events HTTP/1.1", "Upgrade: websocket", *_SOCKET).replace(
            "Connection: close", "Connection: Upgrade, close"
        ),
        401,
    ),
    Raw(
        "HTTP/2 without a key",
        _request(_GET, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__").replace(
            "Connection: close", "Connection: Upgrade, HTTP2-Settings, close"
        ),
        401,
    ),
    Raw("HTTP/2 at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    Raw("TLS at a door without it", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 400),
]
RAW = [*PATHS, *TARGETS, *HOSTS, *BODIES, *PROTOCOLS]
