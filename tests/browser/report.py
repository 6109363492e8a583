"""Opens a report in headless Chromium and uses it as a person would.

    python3 tests/browser/report.py [PROGRAM]

PROGRAM is the dechaff to test (target/debug/dechaff). Needs a browser (Debian: chromium) and
tests/browser/requirements.txt. SHOTS=FOLDER keeps screenshots.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

# Seconds; on a machine with nothing else to do it takes a quarter of one.
OPENS_WITHIN = 10

PROJECT = pathlib.Path(__file__).resolve().parents[2]
FERRY = (
    "The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had "
    "taken her seat and the gulls had lost interest in the whole affair."
)
POST = (
    "Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board "
    "will look into the matter of the bicycle when it meets again in spring."
)
HOSTILE = (
    "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
    "<a href=\"javascript:window.hit = 3\">x</a> \u202etxt.exe"
)


def minified(number):
    return (
        f"<html><head><title>Ferry {number}</title></head><body><nav>Home News</nav>"
        f"<h1>Ferry {number} leaves at nine</h1><p>{FERRY}</p><p>{POST}</p><p>Share this</p></body></html>"
    )


def warc(*pages):
    records = []
    for number, page in enumerate(pages):
        block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}"
        records.append(
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            f"WARC-Target-URI: https://www.harbourpost.example/{number}\r\nContent-Type: application/http\r\n"
            f"Content-Length: {len(block.encode())}\r\n\r\n{block}\r\n\r\n"
        )
    return "".join(records)


def make(program, folder):
    """Cleans a folder of pages of each kind, and reports on it."""
    raw = folder / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text(f"The ferry leaves at nine\n\n{FERRY}\n\n{POST}\n\nShare this\nNo comments:\n")
    (raw / "b.html").write_text(minified(1))
    (raw / "c.warc").write_text(warc(minified(2), minified(3)))
    (raw / "<img src=x onerror=window.hit=4>.txt").write_text(f"{HOSTILE}\n\n{FERRY}\n\n{POST}\n{HOSTILE}\n")
    run = lambda *args: subprocess.run([program, *args], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    run("raw", "clean", "--quiet", "--no-model", "--no-survey")
    run("report", "clean", "raw", "-o", "report.html")
    off = [f"--off={stage}" for stage in ["general", "furniture", "headline", "teasers", "closing"]]
    run("raw", "other", "--quiet", "--no-model", "--no-survey", *off)
    run("report", "clean", "raw", "-o", "against.html", "--against", "other")
    return folder / "report.html", folder / "against.html"


def struck(page):
    return page.locator("#lines .dropped .raw").all_inner_texts()


def choose(page, name):
    page.locator("#list button", has_text=name).first.click()


def check_lines(page):
    """The raw lines that are struck, and the clean text beside the others."""
    choose(page, "a.txt")
    assert struck(page) == ["Share this", "No comments:"], struck(page)
    clean = [text for text in page.locator("#lines .clean").all_inner_texts() if text]
    assert clean == ["The ferry leaves at nine", FERRY, POST], clean
    for name, title in [("b.html", "Ferry 1"), ("c.warc", "Ferry")]:
        choose(page, name)
        assert struck(page) == ["Home News", "Share this"], (name, struck(page))
        assert page.locator("#lines .clean").nth(1).inner_text().startswith(title)
    style = page.locator("#lines .dropped .raw").first.evaluate("cell => getComputedStyle(cell).textDecorationLine")
    assert style == "line-through", style


def check_hostile(page):
    """What a page holds is text, and marks of direction are seen."""
    choose(page, "onerror")
    text = page.locator("#lines .raw").first.inner_text()
    assert "<script>window.hit = 1</script>" in text and "202E" in text, text
    assert page.locator("#lines img, #lines a, #lines script, #list img").count() == 0
    assert page.evaluate("window.hit") is None


def check_card(page):
    """The reason is told on hover and on keyboard focus."""
    choose(page, "a.txt")
    page.locator("#lines .dropped").first.hover()
    assert "general/" in page.locator("#card").inner_text()
    page.mouse.move(0, 0)
    page.locator("#lines").focus()
    page.keyboard.press("End")
    told = page.locator("#card").inner_text()
    assert "general/" in told and len(told.splitlines()) > 1, told
    assert page.locator("#lines .active").get_attribute("aria-describedby") == "card"
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()


def check_filters(page):
    page.locator("#filters [name=path]").fill("warc")
    assert page.locator("#list button").count() == 2
    page.locator("#show-all").click()
    page.wait_for_function("document.querySelectorAll('#list button').length === 5")
    page.locator("#filters [name=rule]").select_option("general/comments#form")
    assert page.locator("#list button").count() == 1
    page.locator("#show-all").click()
    page.evaluate("location.hash = ''")
    page.locator("#tables a.filter", has_text="cleaned").click()
    page.wait_for_function("document.querySelector('#filters [name=status]').value === 'cleaned'")
    page.locator("#show-all").click()
    page.locator(".histogram a").last.click()
    page.wait_for_function("document.querySelector('#chips button') !== null")
    page.locator("#chips button").first.click()


def check_review(page, folder):
    """A review by keys alone, and the file that it leaves."""
    page.locator("#filters [name=path]").fill("a.txt")
    page.locator("#lines").focus()
    page.keyboard.press("n")
    page.keyboard.press("w")
    page.keyboard.press("r")
    page.keyboard.press("u")
    page.keyboard.press("r")
    with page.expect_download() as download:
        page.keyboard.press("s")
    review = folder / "review.jsonl"
    download.value.save_as(review)
    assert download.value.suggested_filename == "review.jsonl"
    rows = [json.loads(line) for line in review.read_text().splitlines()]
    assert [(row["lines"], row["fate"], row["judged"]) for row in rows] == [
        (["Share this"], "dropped", "wrong"),
        (["No comments:"], "dropped", "right"),
    ], rows
    assert all(row["path"] == "a.txt" and row["rule"].startswith("general/") for row in rows)
    page.locator("#show-all").click()
    return review


def check_accessibility(page, name):
    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    told = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
    assert not found, f"{name}: {told}"


def main():
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else PROJECT / "target/debug/dechaff").resolve()
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("no browser: install Debian's chromium")
    shots = os.environ.get("SHOTS")
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        reports = make(str(program), folder)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            for scheme in ["light", "dark"]:
                for file in reports:
                    page = chromium.new_page(viewport={"width": 1360, "height": 900}, color_scheme=scheme)
                    faults, requests = [], []
                    page.on("console", lambda said: faults.append(said.text))
                    page.on("pageerror", lambda error: faults.append(str(error)))
                    page.on("request", lambda request: requests.append(request.url))
                    began = time.monotonic()
                    page.goto(file.as_uri())
                    page.wait_for_selector("#lines .row", state="attached")
                    took = time.monotonic() - began
                    assert took < OPENS_WITHIN, f"{file.name} took {took:.1f} s to open"
                    check_accessibility(page, f"{file.name}, {scheme}")
                    if file.name == "report.html":
                        check_lines(page)
                        check_hostile(page)
                        check_card(page)
                        check_filters(page)
                        review = check_review(page, folder)
                        check_accessibility(page, f"{file.name} in use, {scheme}")
                    else:
                        assert page.locator("#lines .now-dropped").count() > 0
                    if shots:
                        page.screenshot(path=f"{shots}/{scheme}-{file.stem}.png", full_page=True)
                    outside = [url for url in requests if not url.startswith(("file:", "blob:"))]
                    assert not faults and not outside and len(requests) <= 2, (faults, requests)
                    page.close()
            chromium.close()
        made = subprocess.run([program, "rules", "new", "--from", review, "--rules", "rules"], cwd=folder, check=True)
        subprocess.run([program, "rules", "test", "--rules", "rules"], cwd=folder, check=True)
        print("report in the browser: lines, hostile pages, notes, filters, review, accessibility\n8 passed, 0 failed")
    finally:
        shutil.rmtree(folder)


main()
