"""Scores extractors of main content as the training tool scores the line model: the same pages, the same figures.

    pip install trafilatura==2.3.1 justext==3.0.2 lxml_html_clean resiliparse
    python benches/peers/extractors.py DATA/dev trafilatura justext resiliparse

`DATA/dev` stands for the two files that the model's card names. Prints a row for each extractor: word precision, recall
and F1 (the mean over pages), the share of pages whose first and last line of own text is there, the share of which half
is lost, and MB of HTML per second of CPU on one thread. Everything runs with its default settings.
"""

import importlib
import json
import lzma
import re
import sys
import time
from collections import Counter

WORD = re.compile(r"\w+")

# Lines of a reference that are told apart: this many words, or this many characters.
LEAST_WORDS = 3
LEAST_CHARACTERS = 20

# Own lines that a page needs for its first and last to be told.
LEAST_LINES = 3


def trafilatura(html):
    import trafilatura

    return trafilatura.extract(html) or ""


def justext(html):
    import justext

    paragraphs = justext.justext(html, justext.get_stoplist("English"))
    return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


EXTRACTORS = {"trafilatura": trafilatura, "justext": justext}


def resiliparse(html):
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(html, main_content=True)


def rows(path):
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def words(text):
    return WORD.findall(text.lower())


def score(text, reference):
    """Word precision, recall and F1."""
    found, wanted = words(text), words(reference)
    if not wanted or not found:
        return [float(not wanted and not found)] * 3
    both = sum((Counter(found) & Counter(wanted)).values())
    precision, recall = both / len(found), both / len(wanted)
    return [precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0]


def edges(text, page):
    """Whether the first own line is there, whether the last is, and whether half is lost; None where it cannot be told."""
    kept, given = " ".join(words(text)), " ".join(words(page["text_all"]))
    lines = [line for line in page["main_content"].splitlines()]
    lines = [line for line in lines if len(words(line)) >= LEAST_WORDS or len(line) > LEAST_CHARACTERS]
    lines = [line for line in (" ".join(words(line)) for line in lines) if line and line in given]
    if len(lines) < LEAST_LINES:
        return None
    found = sum(len(line) for line in lines if line in kept)
    return [lines[0] in kept, lines[-1] in kept, found * 2 < sum(map(len, lines))]


def means(figures):
    return [sum(column) / len(column) for column in zip(*figures)]


def main():
    data, *names = sys.argv[1:]
    for name in names:
        importlib.import_module(name)
    pages = {page["id"]: page for page in rows(f"{data}-pages.jsonl.xz")}
    figures = {name: ([], [], 0.0) for name in names}
    size = 0
    for row in rows(f"{data}-html.jsonl.xz"):
        page = pages[row["id"]]
        size += len(row["html"].encode("utf-8", "replace"))
        for name in names:
            scores, ends, spent = figures[name]
            began = time.process_time()
            try:
                text = EXTRACTORS[name](row["html"])
            except Exception as error:  # An extractor that fails gives no text, as in a pipeline that goes on.
                print(f"{name}: {row['id']}: {error}", file=sys.stderr)
                text = ""
            spent += time.process_time() - began
            scores.append(score(text, page["main_content"]))
            end = edges(text, page)
            ends += [end] if end else []
            figures[name] = (scores, ends, spent)
    print(f"{len(pages)} pages, {size / 1e6:.0f} MB of HTML")
    print("| | P | R | F1 | first | last | half-lost | MB/s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (scores, ends, spent) in figures.items():
        told = " | ".join(f"{value:.3f}" for value in means(scores) + means(ends))
        print(f"| {name} | {told} | {size / 1e6 / spent:.1f} |")


if __name__ == "__main__":
    main()
