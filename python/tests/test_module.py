"""The module as its users see it: pages, batches, folders, the command, and README's example."""

import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dechaff
import pytest
from dechaff import _dechaff

PROJECT = Path(__file__).parents[2]
HTML = """<html lang=en><head><meta charset=windows-1252><title>Ferry sails again - Harbour Post</title>
<link rel=canonical href=https://www.harbourpost.example/ferry></head><body>
<nav><ul><li><a href=/>Home</a></li><li><a href=/news>News</a></li></ul></nav><main><h1>Ferry sails again</h1>
<p>The ferry to the island sails again from Monday, the harbour office said on Friday, after three weeks in dock.</p>
<p>Captain Moss said that she had missed the café, and that the gulls had probably not missed her at all.</p>
</main></body></html>"""


@pytest.fixture(scope="module")
def cleaner():
    return dechaff.Cleaner()


def test_a_page_gives_text_markdown_metadata_and_a_decision_for_every_block(cleaner):
    page = cleaner.clean(HTML, url="https://harbour.example/ferry")
    assert page.status == "cleaned" and page.reason is None
    assert page.text.startswith("Ferry sails again\n") and "News" not in page.text
    assert "café" in page.text, "a str is decoded already, whatever charset the page declares"
    assert page.markdown.startswith("# Ferry sails again\n")
    assert page.metadata["language"] == "en" and page.metadata["date"] is None
    assert (page.language, page.site, page.url) == ("eng", "harbour.example", "https://harbour.example/ferry")
    assert [decision.block for decision in page.decisions] == list(range(len(page.decisions)))
    (news,) = [decision for decision in page.decisions if decision.text == "News"]
    assert not news.kept and cleaner.why(news.rule) and cleaner.why(news.rule) in news.reason
    assert "\n\n".join(decision.text for decision in page.decisions if decision.kept) == page.text.rstrip("\n")
    assert str(page) == page.text and "cleaned" in repr(page) and "dropped by" in repr(news)


def test_bytes_are_decoded_by_what_they_say_and_by_what_is_said_of_them(cleaner):
    assert "café" in cleaner.clean(HTML.encode("windows-1252")).text
    german = "Die Fähre legt um neun Uhr ab, und der Kapitän winkt den Möwen.".encode("windows-1252")
    page = cleaner.clean(german, charset="windows-1252")
    assert "Fähre" in page.text and page.charset == "windows-1252"


@pytest.mark.parametrize("page, status", [(b"\x89PNG\r\n\x1a\n\0\0", "skipped"), (b"", "blank"), (" \n", "blank")])
def test_what_is_no_page_says_so(cleaner, page, status):
    page = cleaner.clean(page)
    assert (page.status, page.text, page.decisions) == (status, "", [])
    assert (page.reason is not None) == (status == "skipped")


def test_half_an_emoji_in_a_str_is_no_error(cleaner):
    assert "ferry" in cleaner.clean("The ferry \ud83d sails again from Monday, the harbour office said.").text


def test_settings_have_the_names_of_dechaff_toml_and_mistakes_say_what_there_is():
    cleaner = dechaff.Cleaner(favor="recall", off=["teasers"], no_model=True, max_record="4K", comments=None)
    assert "favor='recall'" in repr(cleaner)
    with pytest.raises(dechaff.SettingError, match="did you mean favor"):
        dechaff.Cleaner(favour="recall")
    with pytest.raises(ValueError, match="recal"):
        dechaff.Cleaner(favor="recal")
    with pytest.raises(TypeError, match="off"):
        dechaff.Cleaner(off=[object()])
    with pytest.raises(TypeError, match="str or bytes"):
        cleaner.clean(3)


def test_rules_of_ones_own_hold_and_their_mistakes_are_told_with_their_place(tmp_path):
    rules = tmp_path / "site" / "harbour.example.toml"
    rules.parent.mkdir()
    rules.write_text(
        'about = "Harbour."\n[[drop]]\nid = "dock"\ncontains = "three weeks in dock"\nwhy = "It is over."\n'
        'hits = ["after three weeks in dock"]\n'
    )
    cleaner = dechaff.Cleaner(rules=tmp_path)
    page = cleaner.clean(HTML, "https://harbour.example/")
    assert [d.reason for d in page.decisions if d.rule == "site/harbour.example#dock"] == ["It is over."]
    again = pickle.loads(pickle.dumps(cleaner))
    assert again.settings == cleaner.settings and again.clean(HTML, "https://harbour.example/").text == page.text
    rules.write_text("about = 1\n")
    with pytest.raises(dechaff.RulesError, match=r"harbour.example.toml:1"):
        dechaff.Cleaner(rules=tmp_path)
    with pytest.raises(OSError) as caught:
        dechaff.Cleaner(rules=tmp_path / "nowhere")
    assert caught.value.path == str(tmp_path / "nowhere") and "nowhere" in caught.value.reason
    assert pickle.loads(pickle.dumps(caught.value)).path == caught.value.path


def test_filters_of_documents_are_settings_and_say_why(cleaner):
    page = dechaff.Cleaner(filter="gopher-quality").clean(HTML)
    assert page.status == "filtered" and page.text == cleaner.clean(HTML).text
    assert page.reason == page.filters[0] and page.reason.startswith("gopher-quality#")
    assert cleaner.clean(HTML).filters == []


def test_threads_share_a_cleaner(cleaner):
    with ThreadPoolExecutor(4) as pool:
        texts = set(pool.map(lambda _: cleaner.clean(HTML).text, range(40)))
    assert texts == {cleaner.clean(HTML).text}


def test_a_folder_is_cleaned_as_the_program_cleans_it(tmp_path):
    told = []
    summary = dechaff.clean_folder(PROJECT / "raw", tmp_path / "clean", progress=told.append)
    expected = {path.relative_to(PROJECT / "clean"): path for path in (PROJECT / "clean").rglob("*") if path.is_file()}
    written = {path.relative_to(tmp_path / "clean"): path for path in (tmp_path / "clean").rglob("*") if path.is_file()}
    assert {path for path in written if path.parts[0] != ".dechaff"} == {
        path for path in expected if path.parts[0] != ".dechaff"
    }
    assert all(written[path].read_bytes() == file.read_bytes() for path, file in expected.items())
    assert summary.pages == sum(summary.statuses.values()) == told[-1]
    assert "pages cleaned" in str(summary) and summary.not_read
    again = dechaff.clean_folder(PROJECT / "raw", tmp_path / "clean")
    assert again.unchanged > 0


def test_a_folder_that_cannot_be_cleaned_is_an_exception(tmp_path):
    with pytest.raises(dechaff.FolderError) as caught:
        dechaff.clean_folder(tmp_path / "nowhere", tmp_path / "clean")
    assert caught.value.path == str(tmp_path / "nowhere")
    with pytest.raises(dechaff.SettingError, match="no option jsonl"):
        dechaff.clean_folder(tmp_path, tmp_path / "clean", jsonl=True)
    with pytest.raises(dechaff.SettingError, match="stdin"):
        dechaff.clean_folder("-", tmp_path / "clean")
    with pytest.raises(TypeError, match="progress"):
        dechaff.clean_folder(tmp_path, tmp_path / "clean", progress=3)
    with pytest.raises(ZeroDivisionError):
        dechaff.clean_folder(PROJECT / "raw", tmp_path / "clean", progress=lambda pages: 1 / 0)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("work", ["dechaff.clean_folder(pages, out)", "dechaff.Cleaner().clean_batch(batch)"])
def test_ctrl_c_ends_what_takes_long(tmp_path, work):
    pytest.importorskip("pyarrow")
    script = f"""
        import sys, threading, os, signal
        from pathlib import Path
        import dechaff, pyarrow
        pages, out = Path(sys.argv[1]) / "raw", Path(sys.argv[1]) / "clean"
        pages.mkdir()
        page = "The ferry sails at nine, said the captain, and the gulls agreed with her once more.\\n" * 2000
        for number in range(400):
            (pages / f"{{number}}.txt").write_text(f"{{number}} {{page}}")
        batch = pyarrow.record_batch({{"text": [page] * 1000}})
        # Whatever started the tests may have left it ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            {work}
        except KeyboardInterrupt:
            print("interrupted")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script), tmp_path], capture_output=True, text=True)
    assert done.stdout == "interrupted\n", done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork")
def test_a_child_that_was_forked_has_threads_of_its_own(cleaner):
    pyarrow = pytest.importorskip("pyarrow")
    batch = pyarrow.record_batch({"text": [HTML]})
    expected = cleaner.clean_batch(batch)["text"][0].as_py()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if cleaner.clean_batch(batch)["text"][0].as_py() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_other_threads_run_while_a_batch_is_cleaned(cleaner):
    pyarrow = pytest.importorskip("pyarrow")
    batch = pyarrow.record_batch({"text": [HTML] * 2000})
    ticks, over = [], threading.Event()

    def tick():
        while not over.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    began = time.monotonic()
    cleaner.clean_batch(batch)
    ended = time.monotonic()
    over.set()
    thread.join()
    assert sum(began < at < ended for at in ticks) > 1


def test_extract_takes_what_trafilatura_takes():
    assert dechaff.extract(HTML).startswith("Ferry sails again")
    assert dechaff.extract(HTML, output_format="markdown").startswith("# Ferry")
    assert '"hostname": "www.harbourpost.example"' in dechaff.extract(HTML, output_format="json")
    assert dechaff.extract("") is None and dechaff.extract(HTML, target_language="deu") is None
    assert dechaff.extract(HTML, only_with_metadata=True) is None
    assert dechaff.extract(HTML, favor_recall=True, include_comments=False, include_formatting=True)
    for wrong in ({"output_format": "xml"}, {"favor_precision": True, "favor_recall": True}):
        with pytest.raises(ValueError):
            dechaff.extract(HTML, **wrong)


def test_the_command_is_the_program(tmp_path):
    command = Path(sys.executable).parent / "dechaff"
    page = PROJECT / "raw/harbourpost.example/2024/gull-census.txt"
    expected = (PROJECT / "clean/harbourpost.example/2024/gull-census.txt").read_text()
    for words in ([command], [sys.executable, "-m", "dechaff"]):
        done = subprocess.run([*words, page, "-"], capture_output=True, text=True, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    done = subprocess.run([command, "--no-such-option"], capture_output=True, text=True)
    assert done.returncode == 2 and "--no-such-option" in done.stderr
    assert dechaff.__version__ in subprocess.run([command, "--version"], capture_output=True, text=True).stdout


def test_the_stubs_name_what_there_is():
    stubs = (Path(dechaff.__file__).parent / "_dechaff.pyi").read_text()
    assert (Path(dechaff.__file__).parent / "py.typed").exists()
    for name in ("Cleaner", "Page", "Decision", "Summary", "NearCopies", "Clusters"):
        body = re.search(rf"^class {name}:.*?(?=^\S|\Z)", stubs, re.M | re.S).group()
        stubbed = set(re.findall(r"def ([a-z_]\w*)\(", body)) - {"__new__"}
        assert stubbed == {name for name in vars(getattr(_dechaff, name)) if not name.startswith("_")}, name


@pytest.mark.parametrize("document", ["README.md", "docs/python.md", "python/README.md"])
def test_the_examples_of_the_documents_run(document, tmp_path, monkeypatch):
    text = (PROJECT / document).read_text()
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.M)
    examples = [textwrap.dedent(block) for block in blocks if "import dechaff" in block]
    assert examples, document
    (tmp_path / "raw").symlink_to(PROJECT / "raw")
    monkeypatch.chdir(tmp_path)
    for example in examples:
        exec(compile(example, document, "exec"), {"html": HTML})


def test_a_model_of_ones_own_tells_languages():
    model = PROJECT / "tests/lid/softmax.bin"
    cleaner = dechaff.Cleaner(lid_model=model, language="de")
    page = cleaner.clean("Die Fähre geht um neun, und der Hund des Kapitäns ist noch auf seinem Spaziergang.")
    assert (page.status, page.language) == ("cleaned", "deu")
    with pytest.raises(dechaff.SettingError, match="tells no text as swe"):
        dechaff.Cleaner(lid_model=model, language="sv")


def test_tokens_are_counted_by_a_tokenizer():
    folder = PROJECT / "tests/tokenizers"
    cleaner = dechaff.Cleaner(tokenizer=folder / "words.json", tag=True)
    assert cleaner.clean("The ferry is late today, and nobody at the harbour knows why.").status == "cleaned"
    with pytest.raises(dechaff.SettingError, match="expected a tokenizer.json"):
        dechaff.Cleaner(tokenizer=folder / "make.py")
