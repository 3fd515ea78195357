"""A real `vega serve` that hangs when it is told to.

`python -m tests.hanging_vega` serves as `vega serve` does, with the settings of its environment.

SIGUSR1 has its event loop run in circles, SIGUSR2 has its store answer no read any more.
"""

import asyncio
import signal
import threading

from vega.config import load_settings
from vega.core.life.sqlite import READER_COUNT, Connection
from vega.core.store import Store
from vega.llm.download import tell_nobody
from vega.server import serve


def spin() -> None:
    while True:
        pass


def wait_for_nothing(_: Connection) -> None:
    threading.Event().wait()


async def main() -> None:
    loop = asyncio.get_running_loop()
    open_store = Store.open.__func__  # type: ignore[attr-defined]

    async def open_and_listen(cls: type[Store], home: object) -> Store:
        store: Store = await open_store(cls, home)

        def hang_store() -> None:
            for _ in range(READER_COUNT):
                hanging.append(loop.create_task(store._db.read(wait_for_nothing)))

        loop.add_signal_handler(signal.SIGUSR2, hang_store)
        return store

    hanging: list[asyncio.Task[None]] = []
    Store.open = classmethod(open_and_listen)  # type: ignore[method-assign,assignment]
    loop.add_signal_handler(signal.SIGUSR1, spin)
    await serve(load_settings(), lambda *_: None, tell_nobody)


if __name__ == "__main__":
    asyncio.run(main())
