"""What engines share of the search for near copies: names of columns, and the way from pairs to clusters."""

from __future__ import annotations

from typing import Iterable, Iterator

from dechaff._dechaff import Clusters

#: The columns that a row comes out with.
COLUMNS = ("near_copy_of", "jaccard")

#: Parts that rows are dealt out to where nobody says how many, as Spark has it (`spark.sql.shuffle.partitions`).
PARTS = 200


def added_columns(present: Iterable[str], text: str, id: str, prefix: str, parts: int) -> tuple[str, str]:
    """What the added columns are called. Raises where a column is missing or would be there twice, and where there are no
    parts."""
    if parts < 1:
        raise ValueError(f"parts is a number from 1 on, not {parts}")
    present = list(present)
    for name in (text, id):
        if name not in present:
            raise KeyError(f"there is no column {name}; there are {', '.join(present)}")
    stays, jaccard = (prefix + name for name in COLUMNS)
    for name in (stays, jaccard):
        if name in present:
            raise ValueError(f"there is a column {name} already: choose another prefix than {prefix!r}")
    return stays, jaccard


def clusters_of(pieces: Iterable[bytes]) -> Iterator:
    """Tables of the documents that are alike another one, with the numbers of their clusters. The pieces come from all parts."""
    clusters = Clusters()
    for piece in pieces:
        clusters.add(piece)
    while (table := clusters.next_table()) is not None:
        yield table
