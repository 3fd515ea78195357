"""What `vega doctor` asks the running server about who is let in: keys, browsers, certificates."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from vega.cli.client import Client
from vega.cli.finding import Finding

#: Of a key or browser that was not seen for so long, nobody may know any more.
LONG_UNUSED = timedelta(days=180)
#: Vega renews its own certificate long before; the owner of another one has to.
OWN_DAYS, OTHER_DAYS, AUTHORITY_DAYS = 7, 21, 60
NAMED = 3


def check_access(client: Client) -> Iterator[Finding]:
    """Raises what the client raises."""
    yield _check_keys(client.get("/api/keys"))
    yield _check_browsers(client.get("/api/devices")["devices"])
    yield from _check_https(client.get("/api/tls"))


def _check_keys(found: Mapping[str, Any]) -> Finding:
    keys = found["keys"]
    if found["is_overridden"]:
        text = f"VEGA_API_KEY is given: the {len(keys)} others open nothing while it is."
        return Finding("Keys", "note", text)
    if not keys:
        return Finding("Keys", "note", "There is none.", "`vega key create NAME` makes one.")
    old = [each["name"] for each in keys if _is_unused(each, "last_used_on")]
    if old and len(keys) > 1:
        hint = f"`vega key revoke '{old[0]}'`, where it is not needed any more."
        return Finding("Keys", "note", f"{len(keys)}; long unused: {_some(old)}", hint)
    return Finding("Keys", "ok", f"{len(keys)}")


def _check_browsers(devices: list[Mapping[str, Any]]) -> Finding:
    if not devices:
        return Finding("Browsers", "note", "None is paired; `vega open` pairs one.")
    old = [each["name"] for each in devices if _is_unused(each, "last_seen_on")]
    if old:
        hint = f"`vega device revoke '{old[0]}'`, where you do not have it any more."
        return Finding("Browsers", "note", f"{len(devices)} paired; long away: {_some(old)}", hint)
    return Finding("Browsers", "ok", f"{len(devices)} paired")


def _is_unused(shown: Mapping[str, Any], name: str) -> bool:
    last = shown[name] or shown["created_at"][:10]
    return datetime.now(UTC).date() - date.fromisoformat(last) > LONG_UNUSED


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _check_https(found: Mapping[str, Any]) -> Iterator[Finding]:
    """Nothing where it was never switched on."""
    if found["problem"]:
        hint = "`vega tls status` shows how it stands; `vega tls on` opens it again."
        yield Finding("HTTPS", "bad", str(found["problem"]), hint)
        return
    if not found["open"] or not found["certificate"]:
        return
    served = found["certificate"]
    left = _days_until(served["not_after"])
    text = f"{found['url']}, with a certificate for {left} days"
    if served["is_own"] and left < OWN_DAYS:
        hint = "Vega should have renewed it; restart it, and read its log."
        yield Finding("HTTPS", "bad", text, hint)
    elif not served["is_own"] and left < OTHER_DAYS:
        yield Finding("HTTPS", "bad", text, "Renew it where it was issued.")
    else:
        yield Finding("HTTPS", "ok", text)
    if served["is_own"] and found["authority"]:
        left = _days_until(found["authority"]["not_after"])
        if left < AUTHORITY_DAYS:
            text = f"What your devices trust ends in {left} days."
            yield Finding("Authority", "bad", text, "`vega tls on --new-authority`")


def _days_until(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime.now(UTC)).days
