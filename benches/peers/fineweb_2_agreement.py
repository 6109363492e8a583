"""Holds the filter `fineweb-2` to datatrove's blocks as FineWeb-2 sets them, document by document, in five languages.

    pip install 'datatrove==0.10.1' 'xxhash<4' spacy
    python benches/peers/fineweb_2_agreement.py target/release/dechaff

Documents are made of the sentences of `tests/lid/sentences.tsv` at random: prose, lists, teasers, timetables, lines that
stand twice. The model of fastText beside them tells the languages. datatrove gets the limits and stop words of
`rules/filters/fineweb-2.toml`, and divides words as it does for each language.
"""

import json
import random
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters.fineweb_quality_filter import FineWebQualityFilter
from datatrove.pipeline.filters.gopher_quality_filter import GopherQualityFilter
from datatrove.pipeline.filters.gopher_repetition_filter import GopherRepetitionFilter

PROJECT = Path(__file__).parents[2]
# The sentences, the table in the filter file, what dechaff tells, what datatrove calls it.
LANGUAGES = [
    ("deu", "deu", "deu", "deu_Latn"),
    ("fra", "fra", "fra", "fra_Latn"),
    ("pol", "pol", "pol", "pol_Latn"),
    ("rus", "rus", "rus", "rus_Cyrl"),
    ("arb", "arb", "ara", "arb_Arab"),
]


def blocks(own, name):
    """The blocks in the order of FineWeb-2's pipeline."""
    top = tuple((n, own[f"top-{n}-gram"]["max"]) for n in (2, 3, 4))
    runs = tuple((n, own[f"{n}-grams"]["max"]) for n in range(5, 11))
    return [
        GopherRepetitionFilter(
            language=name, dup_para_frac=0, dup_line_char_frac=0, dup_para_char_frac=0,
            dup_line_frac=own["lines"]["max"], top_n_grams=top, dup_n_grams=runs,
        ),
        FineWebQualityFilter(
            language=name, short_line_thr=999, char_duplicates_ratio=0.1,
            line_punct_thr=own["end-marks"]["min"], new_line_ratio=own["list"]["max"],
        ),
        GopherQualityFilter(
            language=name, min_avg_word_length=own["short-words"]["min"], max_avg_word_length=own["long-words"]["max"],
            max_non_alpha_words_ratio=own["letters"]["min"], stop_words=own["stop_words"], min_stop_words=2,
        ),
    ]


def document(sentences, rng):
    words = [word for sentence in sentences for word in sentence.split()]
    prose = rng.random()
    lines = []
    for _ in range(rng.randrange(3, 30)):
        kind = rng.random()
        if kind < 0.15 + prose * 0.3:
            lines.append(rng.choice(sentences))
        elif kind < 0.6:
            end = rng.choice([".", "", "!", " ...", "…"])
            lines.append(" ".join(rng.choice(words) for _ in range(rng.randrange(1, 20))) + end)
        elif kind < 0.7:
            lines.append("- " + " ".join(rng.choice(words) for _ in range(6)))
        elif kind < 0.75:
            lines.append(" ".join(f"{rng.randrange(24)}:{rng.randrange(60):02}" for _ in range(5)))
        else:
            lines.append(" ".join(rng.sample(words, min(len(words), 25))) + ".")
    return ("\n\n" if rng.random() < 0.5 else "\n").join(lines)


def main(program, count=600):
    limits = tomllib.loads((PROJECT / "rules/filters/fineweb-2.toml").read_text())["languages"]
    of_language = {told: blocks(limits[table], name) for _, table, told, name in LANGUAGES}
    rows = [line.split("\t") for line in (PROJECT / "tests/lid/sentences.tsv").read_text().splitlines()]
    rng = random.Random(3)
    records = []
    for _ in range(count):
        of = rng.choice(LANGUAGES)[0]
        records.append(json.dumps({"text": document([text for code, text in rows if code == of], rng)}))
    # The text is to be judged as it is: nothing is taken from it.
    options = ["--no-model"] + [word for stage in ("headline", "furniture", "closing", "teasers") for word in ("--off", stage)]
    options += ["--tag", "--filter", "fineweb-2", "--lid-model", str(PROJECT / "tests/lid/softmax.bin")]
    made = subprocess.run([program, "--jsonl", *options], input="\n".join(records), capture_output=True, text=True, check=True)
    differences, dropped, agree, seen = Counter(), [0, 0], 0, 0
    for line in made.stdout.splitlines():
        record = json.loads(line)
        language = record["metadata"]["language"]
        ours = [verdict["rule"] for verdict in record.get("filters", [])]
        theirs = None
        for block in of_language.get(language, []):
            kept = block.filter(Document(text=record["text"], id="0"))
            if kept is not True:
                theirs = kept[1]
                break
        seen += 1
        dropped = [dropped[0] + (theirs is not None), dropped[1] + bool(ours)]
        agree += (theirs is not None) == bool(ours)
        if (theirs is not None) != bool(ours):
            differences[(language, theirs or "stays", ours[0] if ours else "stays")] += 1
    print(f"{seen} documents: datatrove drops {dropped[0]}, dechaff {dropped[1]}; they agree on {agree}")
    for (language, one, other), times in differences.most_common():
        print(f"{times:6}  {language}  {one:28} {other}")


if __name__ == "__main__":
    main(*sys.argv[1:])
