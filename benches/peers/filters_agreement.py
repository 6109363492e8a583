"""Holds dechaff's filters to datatrove's blocks, document by document.

    pip install 'datatrove[processing]==0.10.1' 'xxhash<4' spacy
    cargo bench --bench filters -- --words < texts.jsonl > words.jsonl
    python benches/peers/filters_agreement.py texts.jsonl words.jsonl

`texts.jsonl` has a `text` a line. Each block is asked twice: with the words of spaCy, as datatrove does, and with
dechaff's, so that what is left are differences of definition. Prints a table for docs/filters.md, then documents on
which the two differ, by the rules that spoke.
"""

import json
import sys
from collections import Counter
from functools import cache

import datatrove.pipeline.filters.fineweb_quality_filter as fineweb
import datatrove.pipeline.filters.gopher_quality_filter as quality
import datatrove.pipeline.filters.gopher_repetition_filter as repetition
from datatrove.data import Document
from datatrove.pipeline.filters.c4_filters import C4QualityFilter

# What dechaff calls a block, the block, and the module whose words are replaced.
BLOCKS = [
    ("gopher-repetition", repetition.GopherRepetitionFilter(), repetition),
    ("gopher-quality", quality.GopherQualityFilter(), quality),
    ("c4", C4QualityFilter(), None),
    ("c4-any-end", C4QualityFilter(filter_no_terminal_punct=False), None),
    ("fineweb", fineweb.FineWebQualityFilter(), fineweb),
]


def verdict(block, text):
    """The reason for which a block drops a text; None where it stays."""
    try:
        kept = block.filter(Document(text=text, id="0"))
    except ZeroDivisionError:
        return "error"
    return None if kept is True else kept[1]


def main(texts, words):
    texts = [json.loads(line)["text"] for line in open(texts, encoding="utf-8")]
    ours = [json.loads(line) for line in open(words, encoding="utf-8")]
    assert len(texts) == len(ours), "the two files are not of the same documents"
    print(f"{len(texts)} documents, {sum(len(text.encode()) for text in texts) / 1e6:.1f} MB")
    print("| filter | dropped by datatrove | by dechaff | agree | given the same words |")
    print("|---|---|---|---|---|")
    # Three blocks ask for the same words.
    words_of = cache(repetition.split_into_words)
    differences = Counter()
    all_theirs, all_ours, all_given = [], [], []
    for name, block, module in BLOCKS:
        if module:
            module.split_into_words = words_of
        theirs = [verdict(block, text) for text in texts]
        given = theirs
        if module:
            given = []
            for text, own in zip(texts, ours):
                module.split_into_words = lambda _text, _language, own=own: own["words"]
                given.append(verdict(block, text))
        own = [line["verdicts"][name] for line in ours]
        same = sum((one is None) == (other is None) for one, other in zip(theirs, own))
        same_given = sum((one is None) == (other is None) for one, other in zip(given, own))
        for one, other, at_words in zip(theirs, own, given):
            if (one is None) != (other is None):
                cause = "words" if (at_words is None) == (other is None) else "definition"
                differences[(name, cause, one or "stays", other or "stays")] += 1
        dropped = [sum(one is not None for one in verdicts) for verdicts in (theirs, own)]
        print(
            f"| `{name}` | {dropped[0]} | {dropped[1]} | {100 * same / len(texts):.2f} % "
            f"| {100 * same_given / len(texts):.2f} % |"
        )
        if name != "c4":
            all_theirs.append(theirs), all_ours.append(own), all_given.append(given)
    any_of = lambda blocks: [any(one is not None for one in verdicts) for verdicts in zip(*blocks)]
    theirs, own, given = any_of(all_theirs), any_of(all_ours), any_of(all_given)
    same = sum(one == other for one, other in zip(theirs, own))
    same_given = sum(one == other for one, other in zip(given, own))
    print(
        f"| all but `c4` | {sum(theirs)} | {sum(own)} | {100 * same / len(texts):.2f} % "
        f"| {100 * same_given / len(texts):.2f} % |"
    )
    print("\nDocuments on which they differ: filter, what it hangs on, datatrove, dechaff")
    for (name, cause, one, other), count in differences.most_common():
        print(f"{count:6}  {name:18} {cause:10} {one:28} {other}")


if __name__ == "__main__":
    main(*sys.argv[1:])
