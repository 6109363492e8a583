#!/usr/bin/env python3
"""Writes the word lists of the Python package wordfreq as text: OUT/words/LANG.tsv, a word and its
count in a hundred million words a line.

    pip install wordfreq msgpack && words.py OUT
"""

import gzip
import importlib.util
import os
import sys

import msgpack

NAMES = {"zh": "zh-hans", "sh": "sr-latn"}


def main():
    out = os.path.join(sys.argv[1], "words")
    os.makedirs(out, exist_ok=True)
    data = os.path.join(os.path.dirname(importlib.util.find_spec("wordfreq").origin), "data")
    for name in sorted(os.listdir(data)):
        size, _, code = name.partition("_")
        if not name.endswith(".msgpack.gz") or size not in ("small", "large"):
            continue
        code = code.removesuffix(".msgpack.gz")
        path = os.path.join(out, NAMES.get(code, code) + ".tsv")
        if size == "small" and os.path.exists(os.path.join(data, f"large_{code}.msgpack.gz")):
            continue
        with gzip.open(os.path.join(data, name)) as file:
            buckets = msgpack.load(file)[1:]
        with open(path, "w", encoding="utf-8") as file:
            for rank, words in enumerate(buckets):
                for word in words:
                    file.write(f"{word}\t{10 ** (8 - rank / 100):.0f}\n")


if __name__ == "__main__":
    main()
