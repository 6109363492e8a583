"""Makes the models of this folder and what fastText says of lines.

    pip install fasttext-wheel==0.9.2
    python make.py [LINES]

fastText learns from `sentences.tsv`. The lines that it is asked about are made of the same words at random, with what
texts have between them. Models of one run differ from those of another in a few bits: threads are one, but the
library's random numbers are its own. What is compared is always a model with its own answers.
"""

import pathlib
import random
import sys
import tempfile

import fasttext

HERE = pathlib.Path(__file__).parent
SCRIPTS = {"rus": "Cyrl", "jpn": "Jpan", "arb": "Arab"}
SHORT = {"eng": "en", "deu": "de", "fra": "fr", "pol": "pl", "rus": "ru", "jpn": "ja", "arb": "ar"}
SETTINGS = {"dim": 4, "epoch": 400, "lr": 0.3, "minCount": 3, "thread": 1, "verbose": 0}
MODELS = {
    # GlotLID's labels; groups of letters and runs of two words.
    "softmax.bin": {"loss": "softmax", "bucket": 300, "minn": 1, "maxn": 3, "wordNgrams": 2},
    # lid.176's labels; each by itself.
    "ova.bin": {"loss": "ova", "bucket": 300, "minn": 2, "maxn": 4, "short": True},
    # As lid.176.ftz: labels in a tree, groups of letters that are pruned, lengths quantized.
    "hs-pruned.ftz": {"loss": "hs", "bucket": 600, "minn": 2, "maxn": 4, "short": True,
                      "quantized": {"cutoff": 300, "qnorm": True, "dsub": 3}},
}
MORE = {
    "hs.bin": {"loss": "hs", "bucket": 300, "minn": 2, "maxn": 5},
    "ns.bin": {"loss": "ns", "bucket": 300, "minn": 2, "maxn": 3},
    "words.bin": {"loss": "softmax", "minn": 0, "maxn": 0, "wordNgrams": 1},
    "runs.bin": {"loss": "softmax", "bucket": 300, "minn": 0, "maxn": 0, "wordNgrams": 3},
    "softmax.ftz": {"loss": "softmax", "bucket": 300, "minn": 1, "maxn": 4, "quantized": {"dsub": 2}},
    "many-labels.ftz": {"loss": "softmax", "bucket": 300, "minn": 1, "maxn": 4, "many": True,
                        "quantized": {"dsub": 2, "qout": True}},
}


def labels(code, short, many, rng):
    if many:
        return f"__label__{code}{rng.randrange(60)}"
    return f"__label__{SHORT[code]}" if short else f"__label__{code}_{SCRIPTS.get(code, 'Latn')}"


def made_up(sentences, count, rng):
    """Lines of the words of the sentences, of some of their letters, and of what stands between words."""
    words = [word for _, text in sentences for word in text.split()]
    between = [" ", " ", " ", "  ", "\t", "\u00a0", "\u3000", ", ", " – ", "\u2028", "\x0b", " 1984 ", " 🐕 ", "</s", " é "]
    for number in range(count):
        own = words if number % 3 == 0 else rng.choice(sentences)[1].split()
        line = ""
        for _ in range(rng.randrange(1, 14)):
            word = rng.choice(own)
            if rng.random() < 0.2:
                word = word[: rng.randrange(1, len(word) + 1)]
            line += word + rng.choice(between)
        yield line.replace("\n", " ")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    models = MODELS if count <= 60 else MODELS | MORE
    rows = [line.split("\t") for line in (HERE / "sentences.tsv").read_text().splitlines()]
    for name, settings in models.items():
        settings = SETTINGS | settings
        short, many = settings.pop("short", False), settings.pop("many", False)
        quantized = settings.pop("quantized", None)
        rng = random.Random(name)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as train:
            copies = 60 if many else 1
            for code, text in rows * copies:
                print(labels(code, short, many, rng), text, file=train)
            train.flush()
            model = fasttext.train_supervised(input=train.name, **settings)
            if quantized:
                model.quantize(input=train.name, **quantized)
        out = HERE / name
        model.save_model(str(out))
        with open(HERE / f"{name}.expected.tsv", "w") as expected:
            for line in made_up(rows, count, rng):
                told = model.f.predict(line + "\n", 1, 0.0, "strict")
                probability, label = told[0] if told else (0.0, "__label__")
                probability = min(probability, 1.0)
                print(label.removeprefix("__label__"), f"{probability:.7f}", line, sep="\t", file=expected)
        print(name, out.stat().st_size)


main()
