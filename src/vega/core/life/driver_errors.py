"""apsw's errors as ours, in one table."""

import contextlib
from collections.abc import Iterator

import apsw

from vega.errors import DatabaseDamaged, DatabaseError, DiskFailed, StorageFull


def disk_failure(error: Exception) -> DiskFailed:
    """With what the driver, or the system, says of it."""
    return DiskFailed(
        f"The disk failed ({error}); nothing was stored. If it goes on, look at the disk with "
        "`journalctl -k`."
    )


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """Turns apsw's errors into ours."""
    try:
        yield
    except apsw.FullError as exc:
        raise StorageFull from exc
    except (apsw.CorruptError, apsw.NotADBError) as exc:
        raise DatabaseDamaged from exc
    except apsw.IOError as exc:
        # The stubs do not know extendedresult.
        code = getattr(exc, "extendedresult", 0)
        if code == apsw.SQLITE_IOERR_DATA:
            raise DatabaseDamaged from exc
        if code == apsw.SQLITE_IOERR_SHMSIZE:
            # No room for the index of the log.
            raise StorageFull from exc
        raise disk_failure(exc) from exc
    except (apsw.CantOpenError, apsw.ReadOnlyError) as exc:
        # A system may let a disk that fails be only read from then on.
        raise disk_failure(exc) from exc
    except apsw.Error as exc:
        raise DatabaseError(f"The database failed: {exc}.") from exc


def is_damage(error: DatabaseError) -> bool:
    """Whether it is SQLite that says so of what is in the file: also that a table is missing."""
    if type(error) not in (DatabaseDamaged, DatabaseError):
        return False
    cause = error.__cause__
    is_damaged = isinstance(error, DatabaseDamaged) and isinstance(cause, apsw.Error)
    return is_damaged or isinstance(cause, apsw.SQLError)
