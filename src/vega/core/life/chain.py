"""The hash chain over everything that was ever stored.

Each prompt, when it is accepted, and each answer, when it has ended, is one link. A link's hash
is over the link before and the row's content, salted: forgetting erases content and salt and
keeps the hash, and without the salt nobody can try out what "my PIN is …" may have been.
"""

import hashlib
import json
from collections.abc import Sequence

SALT_BYTES = 16
#: Of a link whose content and hash the disk has taken, and no backup had: nothing is known of it
#: but its place.
LOST_HASH = b""
#: So begins what such a link says in the place of its origin or its reason.
LOST = "Lost by damage"


def link_hash(previous: bytes, salt: bytes, content: Sequence[str | int | None]) -> bytes:
    """SHA-256(previous ‖ SHA-256(salt ‖ content as canonical JSON)).

    `previous` is the hash of the link before, empty for the first.
    """
    text = json.dumps(list(content), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + hashlib.sha256(salt + text.encode()).digest()).digest()
