"""A real `vega serve` that loses patience with slow clients within seconds, so that tests see it.

`python -m tests.hasty_vega` serves as `vega serve` does, with the settings of its environment.
"""

import asyncio

from vega.api import protocol
from vega.config import load_settings
from vega.llm.download import tell_nobody
from vega.server import serve

PATIENCE_SECONDS = 2.0


def main() -> None:
    protocol.HEAD_SECONDS = PATIENCE_SECONDS
    protocol.BODY_SECONDS = PATIENCE_SECONDS
    protocol.ANSWER_SECONDS = PATIENCE_SECONDS
    asyncio.run(serve(load_settings(), lambda *_: None, tell_nobody))


if __name__ == "__main__":
    main()
