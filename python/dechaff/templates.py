"""What recurs on the sites of a dataset, found out by an engine's workers and used by them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Iterable

from dechaff._dechaff import build_templates, merge_template_counts

#: Counts that are merged at once: what a site has is bounded, so that the driver holds this many times that.
AT_ONCE = 16


@dataclass(frozen=True)
class Templates:
    """What recurs on the sites of a dataset: the text of a file as `dechaff templates build` writes it. It is pickled with
    what uses it, so that it reaches every worker."""

    text: str = field(repr=False)

    def save(self, path: str | Path) -> None:
        """Writes it to a file, which `templates` of a cleaner and `--templates` of the program take."""
        Path(path).write_bytes(self.text.encode())

    def file(self) -> str:
        """A file of this machine that holds it, until the process ends."""
        return _file_of(self)

    @staticmethod
    def of(counts: Iterable[str]) -> Templates:
        """What comes of counts that were made apart, in any order."""
        held: list[str] = []
        for count in counts:
            held.append(count)
            if len(held) == AT_ONCE:
                held = [merge_template_counts(held)]
        return Templates(build_templates(held))


@lru_cache(maxsize=4)
def _file_of(templates: Templates) -> str:
    folder = tempfile.mkdtemp(prefix="dechaff-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    templates.save(Path(folder) / "templates")
    return str(Path(folder) / "templates")
