"""One line for those who come from trafilatura: `dechaff.extract(html)`."""

from __future__ import annotations

import json
from functools import lru_cache

from dechaff._dechaff import Cleaner

FORMATS = ("txt", "markdown", "json")


@lru_cache(maxsize=16)
def _cleaner(**settings: str) -> Cleaner:
    return Cleaner(**settings)


def extract(
    filecontent: str | bytes,
    url: str | None = None,
    *,
    output_format: str = "txt",
    favor_precision: bool = False,
    favor_recall: bool = False,
    include_comments: bool | None = None,
    include_formatting: bool = False,
    target_language: str | None = None,
    only_with_metadata: bool = False,
) -> str | None:
    """The main text of a page; None where there is none.

    The arguments are those of `trafilatura.extract`. Two differ: `include_comments` is decided page by page unless it
    is set, and `target_language` is a code of ISO 639-3 (`eng`), held against the language of the clean text.
    """
    if output_format not in FORMATS:
        raise ValueError(f"output_format is one of {', '.join(FORMATS)}, not {output_format!r}")
    if favor_precision and favor_recall:
        raise ValueError("favor_precision and favor_recall pull in two directions: set one of them")
    settings = {}
    if favor_precision or favor_recall:
        settings["favor"] = "precision" if favor_precision else "recall"
    if include_comments is not None:
        settings["comments"] = "keep" if include_comments else "drop"
    page = _cleaner(**settings).clean(filecontent, url)
    if not page.text:
        return None
    if target_language is not None and page.language != target_language:
        return None
    metadata = page.metadata
    if only_with_metadata and not (metadata["title"] and metadata["date"] and (url or metadata["url"])):
        return None
    text = page.markdown if output_format == "markdown" or include_formatting else page.text
    if output_format != "json":
        return text
    document = {
        "title": metadata["title"],
        "author": metadata["author"],
        "hostname": page.site,
        "date": metadata["date"],
        "sitename": metadata["site_name"],
        "language": page.language,
        "source": url or metadata["url"],
        "text": text,
    }
    return json.dumps(document, ensure_ascii=False)
