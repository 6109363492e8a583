from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, TypedDict

__version__: str

Status = Literal["cleaned", "restored", "no_prose", "all_dropped", "duplicate", "near_copy", "filtered", "blank", "skipped", "failed"]

class Metadata(TypedDict):
    title: str | None
    author: str | None
    date: str | None
    language: str | None
    url: str | None
    site_name: str | None

class Decision:
    """What was decided of a block: a line of text, or a paragraph, heading, cell or list item of HTML."""

    @property
    def block(self) -> int:
        """Its index, counted from 0 over all blocks of the page."""
    @property
    def line(self) -> int:
        """The raw line that it begins on, counted from 1."""
    @property
    def text(self) -> str:
        """Its text, repaired, before anything was cut out of it."""
    @property
    def kept(self) -> bool: ...
    @property
    def rule(self) -> str | None:
        """The address of the rule that decided; None where no rule spoke and the block stays."""
    @property
    def reason(self) -> str | None:
        """Why the rule is there, and what made it speak."""

def merge_template_counts(counts: Sequence[str]) -> str:
    """Several counts of `Cleaner.count_batch` as one, in any order."""

def build_templates(counts: Sequence[str]) -> str:
    """What recurs on each site by all of these counts: the text of a file for `templates`."""

class NearCopies:
    """The search for near copies in parts, for who has an engine that moves rows between machines; `dechaff.ray.near_copies`
    and `dechaff.spark.near_copies` are made of it. Batches have Arrow's PyCapsule interface; tables of pyarrow come out."""

    def __new__(
        cls,
        *,
        near_threshold: float | None = None,
        near_stays: Literal["longest", "first"] | None = None,
        near_words: int | None = None,
        near_bands: str | None = None,
    ) -> NearCopies: ...
    def sketch(self, batch: Any, text: str, id: str) -> Any:
        """What is known of the texts of a column: `number`, `id`, `length` and `hashes`, a row for each row. The hashes are null
        where there is nothing to compare."""
    def keys(self, sketches: Any, parts: int) -> Any:
        """The rows of sketches under each of their keys: `part`, a number below `parts`, `key`, `id` and `hashes`. Rows of one key
        have to come together; they are of one part."""
    def pairs(self, rows: Any) -> list[bytes]:
        """Pairs that are alike among rows that hold some keys, each as a whole, for `Clusters.add`. Two rows of one id are an
        error."""
    def copies(self, rows: Any, id: str, stays: str, jaccard: str) -> Any:
        """The near copies among sketches with a column `cluster` that hold some clusters, each as a whole; three columns of these
        names: the row that goes, the one that stays in its place, and how alike they are."""

class Clusters:
    """The clusters that pairs make, on one machine: four bytes of memory for each document that is in a pair."""

    def __new__(cls) -> Clusters: ...
    def add(self, packed: bytes) -> None:
        """Adds a piece of `NearCopies.pairs`; in any order."""
    def next_table(self) -> Any:
        """The next documents that are in a pair, `number` and `cluster`; None behind the last ones."""

class Page:
    """A page that was cleaned."""

    @property
    def text(self) -> str:
        """The clean text; empty where nothing is left."""
    @property
    def markdown(self) -> str:
        """The same with headings, lists, tables, code, emphasis and links; of plain text it is `text`."""
    @property
    def status(self) -> Status: ...
    @property
    def reason(self) -> str | None:
        """Why the page was not read, or which filter drops it."""
    @property
    def filters(self) -> list[str]:
        """The filters that speak against the page, each with what it measured: the one that drops it, whose text is
        still at hand; where documents are tagged, every one."""
    @property
    def language(self) -> str | None:
        """The language of the clean text, as ISO 639-3; None where it cannot be told."""
    @property
    def url(self) -> str | None: ...
    @property
    def site(self) -> str | None:
        """The host of its site: of its URL, else of its canonical link."""
    @property
    def charset(self) -> str | None: ...
    @property
    def metadata(self) -> Metadata:
        """What an HTML page says of itself."""
    @property
    def repairs(self) -> dict[str, int]:
        """The repairs made to its text, by name, with their counts."""
    @property
    def decisions(self) -> list[Decision]:
        """What was decided of each block, in the page's order: every block is there once."""

class Cleaner:
    """Cleans pages. Immutable, safe to use from several threads, and shipped by its settings when it is pickled (files
    that they name are read again where it arrives). Making one compiles the rules; make it once."""

    def __new__(
        cls,
        *,
        rules: str | PathLike[str] | None = None,
        favor: Literal["precision", "balance", "recall"] | None = None,
        comments: Literal["auto", "keep", "drop"] | None = None,
        title: Literal["keep", "drop"] | None = None,
        bylines: Literal["keep", "drop"] | None = None,
        off: str | Sequence[str] | None = None,
        filter: str | Sequence[str] | None = None,
        language: str | None = None,
        lid_model: str | PathLike[str] | None = None,
        tokenizer: str | PathLike[str] | None = None,
        no_model: bool | None = None,
        no_survey: bool | None = None,
        templates: str | PathLike[str] | None = None,
        site: str | None = None,
        charset: str | Sequence[str] | Mapping[str, str] | None = None,
        no_repair: str | Sequence[str] | None = None,
        **settings: Any,
    ) -> Cleaner:
        """The settings of dechaff.toml, with `_` for `-` in their names."""
    def clean(
        self, page: str | bytes, url: str | None = None, *, charset: str | None = None, language: str | None = None
    ) -> Page:
        """Cleans a page of HTML or text. Never fails: what cannot be read has a status and a reason. `charset` and
        `language` are those that it was served with."""
    def clean_batch(
        self, batch: Any, text: str = "text", url: str | None = None, *, markdown: bool = False, decisions: bool = True
    ) -> Any:
        """Cleans the pages of a column, on all cores: a row out for each row in, in the same order.

        `batch` is whatever has Arrow's PyCapsule interface: a record batch or table of pyarrow, a data frame of polars,
        a relation of DuckDB. `text` and `url` name its columns. Comes out: `text`, `status`, `reason`, `language`, and
        `decisions`, a list of structs, unless they are not wanted; of the library that the input is of, where that is
        pyarrow or polars."""
    def count_batch(self, batch: Any, text: str = "text", url: str = "url") -> str:
        """Counts the pages of a column for what recurs on their sites, each called by its URL; rows without either are
        passed over. `Templates.of` makes templates of the counts of all batches."""
    def why(self, rule: str) -> str | None:
        """Why the rule of this address (`general/share#bar`) is there; None where there is no such rule."""
    @property
    def settings(self) -> dict[str, Any]: ...

class Summary:
    """What became of a folder; as a string, what the program prints."""

    @property
    def pages(self) -> int: ...
    @property
    def statuses(self) -> dict[Status, int]: ...
    @property
    def unchanged(self) -> int:
        """How many pages stand as an earlier run left them."""
    @property
    def kept(self) -> int:
        """Blocks that stay."""
    @property
    def dropped(self) -> int:
        """Blocks that are gone."""
    @property
    def bytes_in(self) -> int: ...
    @property
    def bytes_out(self) -> int: ...
    @property
    def not_read(self) -> list[tuple[Status, str, str, int]]:
        """Why pages were skipped or failed: status, reason, the first page by path, how often."""
    @property
    def text(self) -> str: ...

def clean_folder(
    raw: str | PathLike[str],
    clean: str | PathLike[str],
    *,
    progress: bool | Callable[[int], object] | None = None,
    **settings: Any,
) -> Summary:
    """What `dechaff RAW CLEAN` does, with its options as keywords (`output="jsonl"`, `threads=4`, `dry_run=True`).
    `progress` shows a bar on the terminal, or is called with the number of pages done. Ctrl-C ends the run in order: what
    is finished is kept, and the next run goes on from there. A page that cannot be read raises nothing: it is in
    `not_read` and in the manifest. No `dechaff.toml` is looked for."""

def run_program(words: Sequence[str]) -> int: ...
