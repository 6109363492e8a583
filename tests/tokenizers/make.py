"""Makes the tokenizers of this folder and counts the tokens of lines with Hugging Face's library.

    pip install tokenizers==0.23.3
    python make.py [LINES]

Both learn from `../lid/sentences.tsv`: whole words with their own normalizer, special tokens, a padding and a truncation,
which a count leaves out; and pairs of bytes behind a regex that looks ahead, as the tokenizers of most models have it.
"""

import pathlib
import random
import sys

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
SENTENCES = [line.split("\t")[1] for line in (HERE / "../lid/sentences.tsv").read_text().splitlines()]
PIECES = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def words():
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordLevelTrainer(vocab_size=60, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.enable_padding(pad_id=3, pad_token="[PAD]", length=64)
    tokenizer.enable_truncation(max_length=16)
    return tokenizer


def bpe():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=330, initial_alphabet=alphabet, special_tokens=["<|end|>"])
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def made_up(count, rng):
    between = [" ", " ", "  ", "\t", "\u00a0", "\u3000", ", ", " – ", "\u2028", " 1984 ", " 🐕 ", " <|end|> ", " [SEP] ", "'s ", "é"]
    every = [word for text in SENTENCES for word in text.split()]
    for _ in range(count):
        words = every if rng.random() < 0.3 else rng.choice(SENTENCES).split()
        yield "".join(rng.choice(words) + rng.choice(between) for _ in range(rng.randrange(0, 25)))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for name, made in [("words.json", words()), ("bpe.json", bpe())]:
        made.save(str(HERE / name), pretty=False)
        tokenizer = Tokenizer.from_file(str(HERE / name))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        rng = random.Random(name)
        with open(HERE / f"{name}.expected.tsv", "w") as expected:
            for line in made_up(count, rng):
                print(len(tokenizer.encode(line, add_special_tokens=False).ids), line, sep="\t", file=expected)
        print(name, (HERE / name).stat().st_size)


main()
