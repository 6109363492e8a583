"""Holds dechaff's reader of WARC to warcio and FastWARC, on files whose records are a little off.

    pip install warcio fastwarc
    cargo build --release
    python benches/peers/warc_agreement.py target/release/dechaff

Each file has three pages with something wrong about the second one. A reader has a page where its last sentence comes
out of it. Prints a row for each kind of fault: how many of the three pages each reader gives. dechaff must give each
page that one of the others gives.
"""

import io
import json
import subprocess
import sys

from fastwarc.warc import ArchiveIterator as FastArchive
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

NAMES = ["Ada", "Bo", "Cleo"]


def page(number):
    words = f"The keeper of lighthouse number {number} wrote down each ship that passed in the night, and its lamps. "
    return f"<html><body><p>{words * 4}</p><p>So ends the log of {NAMES[number]}.</p></body></html>".encode()


def record(number, version="WARC/1.0", off=0, http="HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", end="\r\n\r\n",
           line="\r\n", body=None, head_of_length="Content-Length"):
    block = http.encode() + (page(number) if body is None else body)
    head = [version, "WARC-Type: response", f"WARC-Target-URI: https://light.example/{number}",
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-00000000000{number}>", "WARC-Date: 2024-05-01T00:00:00Z",
            "Content-Type: application/http; msgtype=response", f"{head_of_length}: {len(block) + off}"]
    return line.join(head).encode() + 2 * line.encode() + block + end.encode()


def files():
    """The kinds of fault, each with a file."""
    whole = [record(number) for number in range(3)]
    second = lambda **how: b"".join([whole[0], record(1, **how), whole[2]])
    yield "nothing wrong", b"".join(whole)
    for off in [1, 2, 4, -1, -2, -4]:
        yield f"length {off:+}", second(off=off)
    yield "no line end behind the record", second(end="")
    yield "one line end behind the record", second(end="\r\n")
    yield "many line ends behind the record", second(end="\r\n" * 9)
    yield "line ends of Unix in the head", second(line="\n")
    yield "version 0.18", second(version="WARC/0.18")
    yield "version 1.1", second(version="WARC/1.1")
    yield "name of a field in lower case", second(head_of_length="content-length")
    yield "no HTTP reason", second(http="HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n")
    yield "line ends of Unix in HTTP", second(http="HTTP/1.1 200 OK\nContent-Type: text/html\n\n")
    yield "cut in the last record", b"".join(whole)[:-40]
    yield "noise before the second record", whole[0] + b"noise of a broken writer\r\n" + whole[1] + whole[2]


def with_pages(text_of):
    return sum(f"So ends the log of {name}." in text_of for name in NAMES)


def warcio(data):
    text = ""
    try:
        for found in ArchiveIterator(io.BytesIO(data)):
            if found.rec_type == "response":
                text += found.content_stream().read().decode(errors="replace")
    except Exception:  # What came before stays.
        pass
    return with_pages(text)


def fastwarc(data):
    text = ""
    try:
        for found in FastArchive(io.BytesIO(data), record_types=WarcRecordType.response):
            text += found.reader.read().decode(errors="replace")
    except Exception:
        pass
    return with_pages(text)


def dechaff(program, data):
    run = subprocess.run([program, "--jsonl", "--no-model"], input=data, capture_output=True, check=False)
    lines = run.stdout.decode().splitlines()
    return with_pages("\n".join(json.loads(line)["text"] for line in lines))


def main(program):
    behind = 0
    print(f"{'':36} warcio  FastWARC  dechaff")
    for kind, data in files():
        one, other, ours = warcio(data), fastwarc(data), dechaff(program, data)
        behind += ours < max(one, other)
        print(f"{kind:36} {one:6} {other:9} {ours:8}")
    sys.exit(f"{behind} kinds on which another reader gives more" if behind else None)


main(sys.argv[1])
