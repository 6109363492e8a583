#!/usr/bin/env python3
"""Gathers running text by language from Debian packages, for training and for measuring.

    collect.py PACKAGES MORE HELD OUT

All but OUT are folders of .deb files (`apt-get download …`, listed in README.md beside this script).
Writes, one paragraph a line:

- OUT/train/LANG.txt and OUT/test/LANG.txt of PACKAGES, where Translation-*.lz4 lists may be too, of the
  descriptions of packages;
- more of OUT/train/LANG.txt of MORE, in languages that PACKAGES hold little of for training;
- OUT/held/LANG.txt of HELD, but for lines that are in one of the others.

No source feeds two of train, test and held, so what is measured is unseen.
"""

import gettext
import gzip
import html
import os
import re
import subprocess
import sys
import zipfile
from collections import defaultdict

LIMIT = 3_000_000  # characters a language and a source
LITTLE = 300_000  # characters of a language for training, below which there is more to be had
MARKUP = re.compile(r"<[^<>]*>|\\[fF].|\$\w+|%[-\w$.]+|&[a-zA-Z]+;|__\w+__|\{[^{}]*\}")


def language(code):
    """The project's name of a language: ISO 639-1, and the script of Chinese and Serbian."""
    code = code.replace("-", "_")
    base, _, rest = code.partition("_")
    if base == "zh":
        return "zh-hant" if rest.lower() in ("tw", "hk", "hant") else "zh-hans"
    if base == "sr":
        return "sr-latn" if "latin" in code.lower() else "sr"
    return {"no": "nb", "nn": "nn", "in": "id", "iw": "he", "gug": "gn"}.get(base, base.partition("@")[0])


def paragraphs(text):
    for line in text.split("\n"):
        line = re.sub(r"[ \t\r]+", " ", MARKUP.sub(" ", line)).strip()
        if len(line) >= 12 and any(ord(c) > 127 or c.isalpha() for c in line):
            yield line


def of_catalogue(path):
    """The translations of a .mo file that differ from what they translate."""
    with open(path, "rb") as file:
        try:
            catalogue = gettext.GNUTranslations(file)._catalog
        except (UnicodeDecodeError, OSError, ValueError, IndexError):
            return
    for source, translation in catalogue.items():
        source = source[0] if isinstance(source, tuple) else source
        if source and translation != source and isinstance(translation, str) and len(translation) > 20:
            yield from paragraphs(translation.replace("_", "").replace("~", "").replace("&", ""))


def of_html(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        page = file.read()
    page = re.sub(r"(?is)<(script|style|head)\b.*?</\1>|<!--.*?-->", " ", page)
    page = re.sub(r"\s+", " ", page)
    page = re.sub(r"(?i)</?(p|div|li|td|tr|h\d|dt|dd|br|pre|title|desc|item|cite)\b[^>]*>", "\n", page)
    yield from paragraphs(html.unescape(re.sub(r"<[^<>]*>", "", page)))


def of_manual(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as file:
        page = file.read()
    if page.count("\ufffd") > 3:
        return
    page = re.sub(r"(?m)^\.(I|B|BR|IR|RB|RI|BI|IB) ", "", page)
    page = re.sub(r"\\\(..|\\[&|^%]|\\-|\\:|\\e|\\\[[^]]*\]", lambda m: "-" if m[0] == "\\-" else "", page)
    page = re.sub(r"(?m)^['.].*$", "\n", page)
    page = re.sub(r"(?<!\n)\n(?!\n)", " ", page)
    yield from paragraphs(page)


def of_strings(path):
    """The strings of a browser's language pack."""
    with zipfile.ZipFile(path) as pack:
        for name in pack.namelist():
            if name.endswith((".ftl", ".properties", ".dtd")):
                for line in pack.read(name).decode("utf-8", "replace").split("\n"):
                    if not line.startswith(("#", "<!--")):
                        yield from paragraphs(line.partition("=")[2] if "=" in line else line)


def of_descriptions(path):
    lines = subprocess.run(["lz4", "-dc", path], capture_output=True, check=True).stdout.decode("utf-8", "replace")
    for entry in lines.split("\n\n"):
        body = re.sub(r"\n \.\n", "\n\n", entry.partition("\n ")[2])
        body = re.sub(r"\n (?=\S)", " ", body)
        yield from paragraphs(body)


def sources(root, lists):
    """Every file that holds text: (split, language, reader, path)."""
    for folder, _, files in os.walk(root):
        parts = folder[len(root):].split("/")
        for name in sorted(files):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            if name.endswith(".mo"):
                code = next((parts[i - 1] for i, part in enumerate(parts) if part == "LC_MESSAGES"), None)
                if code:
                    yield "test" if "widelands" in folder else "train", code, of_catalogue, path
            elif name.endswith(".xpi"):
                yield "test", name.split("@")[0].removeprefix("langpack-"), of_strings, path
            elif "/man/" in folder and len(parts) > 4 and re.match(r"[a-z]{2}(_|$|@)", parts[4]):
                yield "test", parts[4], of_manual, path
            elif name.endswith((".html", ".page", ".xhtml")):
                if "/usr/share/help/" in folder:
                    yield "test", parts[4], of_html, path
                elif "/libreoffice/help/" in folder:
                    yield "test", parts[5], of_html, path
                elif "/gimp/2.0/help/" in folder:
                    yield "test", parts[6], of_html, path
                elif "/installation-guide-amd64/" in folder:
                    yield "test", parts[5], of_html, path
                elif found := re.search(r"(?:debian-reference|maint-guide|aptitude-doc)[-/]?.*?\.?([a-z]{2}(?:-[a-z]{2})?)\.html", path):
                    yield "test", found[1], of_html, path
    for name in sorted(os.listdir(lists)):
        if found := re.search(r"Translation-(\w+?)(?:%5f(\w+))?\.lz4$", name):
            yield "train", "_".join(filter(None, found.groups())), of_descriptions, os.path.join(lists, name)


def unpack(packages, into):
    """Unpacks what holds text, unless that was done."""
    if os.path.isdir(into):
        return
    os.makedirs(into)
    for name in sorted(os.listdir(packages)):
        if name.endswith(".deb"):
            with subprocess.Popen(["dpkg", "--fsys-tarfile", os.path.join(packages, name)], stdout=subprocess.PIPE) as package:
                subprocess.run(["tar", "-x", "-C", into, "--exclude=*.png", "--exclude=*.jpg", "--exclude=*.ogg"],
                               stdin=package.stdout, check=True)


def gather(folder, out, into, texts, wanted):
    """Reads the packages of a folder: all to one split, or each source to its own. Lines stand in one split only."""
    unpacked = os.path.join(out, "unpacked", os.path.basename(folder))
    unpack(folder, unpacked)
    gathered = defaultdict(int)
    for split, code, reader, path in sources(unpacked, folder):
        name = language(code)
        split = into or split
        source = (split, name, reader.__name__)
        if gathered[source] > LIMIT or not wanted(name):
            continue
        lines = texts[split, name]
        others = [texts[other, name] for other in ("train", "test") if into and other != into]
        for line in reader(path):
            if line not in lines and not any(line in other for other in others):
                lines[line] = None
                gathered[source] += len(line)


def main():
    packages, more, held, out = sys.argv[1:]
    texts = defaultdict(dict)
    gather(packages, out, None, texts, lambda name: True)
    little = {name for _, name in list(texts) if sum(map(len, texts["train", name])) < LITTLE}
    gather(more, out, "train", texts, little.__contains__)
    gather(held, out, "held", texts, lambda name: True)
    for (split, name), lines in sorted(texts.items()):
        characters = sum(map(len, lines))
        if characters < 30_000 or not re.fullmatch(r"[a-z]{2,3}(-[a-z]{4})?", name):
            continue
        os.makedirs(os.path.join(out, split), exist_ok=True)
        with open(os.path.join(out, split, name + ".txt"), "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        print(split, name, characters)


if __name__ == "__main__":
    main()
