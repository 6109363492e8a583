"""dechaff in datatrove's pipelines: an extractor in place of `Trafilatura`. Needs `pip install dechaff[datatrove]`."""

from __future__ import annotations

from typing import Any

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.typeshelper import StatHints

from dechaff._columns import cleaner_of, frozen


class Dechaff(PipelineStep):
    """Puts the clean text of each document in place of its HTML or raw text.

    What became of it is in its metadata: `dechaff_status`, `dechaff_reason` where it was not read
    or is dropped by a filter, and `language`
    (ISO 639-3) where it has none yet. Documents of which nothing is left, or that a filter of the settings
    drops (`filter="gopher-quality"`), are dropped unless `keep_empty` is set.
    `settings` are those of `dechaff.Cleaner`.
    """

    type = "🛢 - EXTRAC"
    name = "🌾 dechaff"

    def __init__(self, markdown: bool = False, keep_empty: bool = False, **settings: Any) -> None:
        super().__init__()
        self.markdown = markdown
        self.keep_empty = keep_empty
        self.settings = frozen(settings)
        # A setting that cannot be is an error here, and not in a worker.
        cleaner_of(self.settings)

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """Cleans document after document, in their order."""
        cleaner = cleaner_of(self.settings)
        for document in data:
            self.stat_update(StatHints.total)
            with self.track_time():
                self.clean(cleaner, document)
            self.stat_update(document.metadata["dechaff_status"])
            if document.text and document.metadata["dechaff_status"] != "filtered" or self.keep_empty:
                self.stat_update(StatHints.forwarded)
                self.update_doc_stats(document)
                yield document
            else:
                self.stat_update(StatHints.dropped)

    def clean(self, cleaner, document: Document) -> None:
        """Cleans one document where it is."""
        page = cleaner.clean(document.text, document.metadata.get("url"))
        document.text = page.markdown if self.markdown else page.text
        document.metadata["dechaff_status"] = page.status
        if page.reason is not None:
            document.metadata["dechaff_reason"] = page.reason
        if page.language is not None:
            document.metadata.setdefault("language", page.language)
