"""Everything that can still be read of a damaged life, table by table."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vega.core.salvage import btree
from vega.core.salvage.btree import Row, Value, kind_of, rows_of
from vega.core.salvage.pages import FIRST_OVERFLOW, LATER_OVERFLOW, Image, PageFile
from vega.core.salvage.schema import Table, moved

Values = tuple[Value, ...]

BLOCKS = "archive_blocks"
#: What proves itself: a link of the chain, or a block with its SHA-256.
PROVABLE = ("turns", "answers", BLOCKS)
#: What was recognized by its columns alone has at least so many.
_TELLING_COLUMNS = 12
#: What these say of turns and answers whose own rows are gone.
WANTED_INDEXES = frozenset(
    {
        "turns_chronology",
        "turns_forgotten",
        "sqlite_autoindex_turns_1",
        "sqlite_autoindex_answers_1",
        "sqlite_autoindex_answers_2",
    }
)
_SCHEMA_COLUMNS = 5
_ZSTD = b"\x28\xb5\x2f\xfd"
_BLOCK_DATA = 4


class BlockPlace(NamedTuple):
    """Where a block stands: its data is too large to be kept."""

    id: int
    page: int
    data: bytes | None
    """The page itself, where it is not the one that the life has now."""


@dataclass(slots=True)
class Contents:
    """What was found."""

    #: By table and by the row's number or key: what stands on pages that are to be believed.
    rows: dict[str, dict[object, Values]] = field(default_factory=lambda: defaultdict(dict))
    #: Entries of indexes, by their names.
    entries: dict[str, list[Values]] = field(default_factory=lambda: defaultdict(list))
    blocks: dict[int, BlockPlace] = field(default_factory=dict)
    #: Rows that must be proven before they are believed.
    doubtful_rows: dict[str, list[Values]] = field(default_factory=lambda: defaultdict(list))
    doubtful_blocks: list[BlockPlace] = field(default_factory=list)
    #: Of these tables and indexes nothing can be missing; none where that cannot be told.
    whole: set[str] = field(default_factory=set)
    #: The greatest numbers that were ever given, by table.
    sequences: dict[str, int] = field(default_factory=dict)
    is_schema_read: bool = False
    damaged_pages: int = 0

    def of(self, table: str) -> dict[object, Values]:
        return self.rows.get(table, {})


class Reader:
    """Reads all pages of one file, once."""

    def __init__(
        self,
        file: PageFile,
        tables: Mapping[str, Table],
        today: Mapping[str, Table],
        guessed_roots: Mapping[int, str],
    ) -> None:
        """`tables` as the file has them, `today` as they are now; which tree is which is guessed
        where the file does not say it any more."""
        self._file = file
        self._tables = tables
        self._today = today
        self._found = Contents()
        self._names = self._read_schema() or dict(guessed_roots)

    def read(self) -> Contents:
        unsure: set[str] = set()
        is_all_unsure = not self._found.is_schema_read
        for number in range(2, self._file.page_count + 1):
            if self._file.is_map(number):
                continue
            owner = self._file.owner(number)
            if owner == 0:
                continue
            image = self._file.image(number)
            if image is None or not image.is_sound:
                self._found.damaged_pages += 1
                is_all_unsure |= owner is None
                unsure.add(self._names.get(owner or 0, ""))
                continue
            self._take_page(number, image, owner)
        for number, data in self._file.doubtful():
            self._take_doubtful(number, data)
        names = set(self._names.values())
        self._found.whole = set() if is_all_unsure else names - unsure
        return self._found

    def block_data(self, place: BlockPlace) -> tuple[bytes, bytes] | None:
        """Of a block that was found: the checksum that it was stored with, and its data."""
        image = self._file.image(place.page)
        data = place.data or (image.data if image else b"")
        if not data:
            return None
        for row in rows_of(data, place.page, self._overflow):
            values = self._tables[BLOCKS].read(row)
            if values is not None and values[0] == place.id:
                return bytes(values[3]), bytes(values[4])  # type: ignore[arg-type]
        return None

    def _read_schema(self) -> dict[int, str]:
        """By root page, what the file says of itself; nothing where a part of that is gone."""
        found: dict[int, str] = {}
        numbers = range(1, self._file.page_count + 1)
        for number in numbers:
            if number != 1 and self._file.owner(number) != 1:
                continue
            image = self._file.image(number)
            if image is None or not image.is_sound:
                return {}
            for row in rows_of(image.data, number, self._overflow):
                if len(row.values) == _SCHEMA_COLUMNS and row.values[3]:
                    found[int(row.values[3])] = str(row.values[1])
        self._found.is_schema_read = bool(found)
        return found

    def _take_page(self, number: int, image: Image, owner: int | None) -> None:
        kind = self._file.entry(number)
        if kind is not None and kind[0] in (FIRST_OVERFLOW, LATER_OVERFLOW):
            return
        name = self._names.get(owner) if owner is not None else None
        for row in rows_of(image.data, number, self._overflow):
            if name == "sqlite_sequence":
                self._take_sequence(row)
            elif name in WANTED_INDEXES:
                self._found.entries[name].append(row.values)
            elif name is None or name in self._tables:
                self._take_row(row, number, name)

    def _take_row(self, row: Row, number: int, name: str | None) -> None:
        found = self._read_row(row, name)
        if found is None:
            return
        table, values = found
        if table.name == BLOCKS:
            self._found.blocks[int(row.id or 0)] = BlockPlace(int(row.id or 0), number, None)
        elif row.is_sound:
            key: object = row.id if table.has_row_ids else row.values
            self._found.rows[table.name][key] = values
        elif table.name in PROVABLE:
            self._found.doubtful_rows[table.name].append(values)

    def _take_doubtful(self, number: int, data: bytes) -> None:
        if kind_of(data, number) != btree.LEAF_TABLE or not any(data):
            return
        owner = self._file.owner(number)
        name = self._names.get(owner) if owner else None
        for row in rows_of(data, number, self._overflow):
            found = self._read_row(row, name if name in PROVABLE else None)
            if found is None or found[0].name not in PROVABLE:
                continue
            table, values = found
            if table.name == BLOCKS:
                self._found.doubtful_blocks.append(BlockPlace(int(row.id or 0), number, data))
            elif self._found.of(table.name).get(row.id) != values:
                self._found.doubtful_rows[table.name].append(values)

    def _read_row(self, row: Row, name: str | None) -> tuple[Table, Values] | None:
        """The row, and whose it is: by its columns where that is not known."""
        names = (name,) if name else PROVABLE
        for each in names:
            table = self._tables.get(each)
            values = table.read(row) if table else None
            if table is None or values is None or not (name or _is_telling(table, row)):
                continue
            new = self._today.get(each)
            # Blocks are read again from their place.
            current = values if each == BLOCKS else new and moved(values, table, new)
            if current:
                return table, current
        return None

    def _take_sequence(self, row: Row) -> None:
        if len(row.values) == 2 and isinstance(row.values[1], int):
            name = str(row.values[0])
            known = self._found.sequences.get(name, 0)
            self._found.sequences[name] = max(row.values[1], known)

    def _overflow(self, number: int) -> tuple[bytes, bool] | None:
        image = self._file.image(number)
        return (image.data, image.is_sound) if image else None


def _is_telling(table: Table, row: Row) -> bool:
    """Whether it can only be of that table."""
    if table.name == BLOCKS:
        data = row.values[_BLOCK_DATA] if len(row.values) > _BLOCK_DATA else b""
        return isinstance(data, bytes) and data.startswith(_ZSTD)
    return len(table.columns) == len(row.values) >= _TELLING_COLUMNS
