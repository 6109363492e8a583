//! Near copies: which pages are found, which of them stays, and that it is the same whoever looks.

mod program;

use std::collections::BTreeSet;
use std::fs;

use dechaff::internals::manifest::{Sketch, SketchShape};
use dechaff::internals::passes::near::clusters::{self, DocumentNumber, Numbered, SketchSource};
use dechaff::internals::passes::near::sketcher::{Sketcher, keys};
use dechaff::internals::passes::near::{NearSettings, Stays};
use program::{Chance, Scratch, dechaff, files, rows};
use serde_json::Value;

/// Judged by rules alone: words that are made up are no text to a model.
const PLAIN: [&str; 2] = ["--no-model", "--no-survey"];

fn run(scratch: &Scratch, more: &[&str]) -> String {
    scratch.expect(0, &[&PLAIN, more].concat())
}

/// A word of letters alone: digits do not count.
fn word(number: usize) -> String {
    let letters = number.to_string();
    letters.bytes().map(|digit| char::from(b'a' + digit - b'0')).chain("wick".chars()).collect()
}

/// The words of a text: a thousand different ones.
fn words(seed: u64, length: usize) -> Vec<String> {
    let mut chance = Chance(seed);
    (0..length).map(|_| word(chance.below(1000))).collect()
}

/// Sentences of twelve words.
fn text(words: &[String]) -> String {
    let sentence = |words: &[String]| format!("The {}.\n\n", words.join(" "));
    words.chunks(12).map(sentence).collect()
}

/// The same words with every so-manyth replaced.
fn edited(words: &[String], every: usize) -> Vec<String> {
    let other = |(at, word): (usize, &String)| match at % every == every / 2 {
        true => format!("{word}ster"),
        false => word.clone(),
    };
    words.iter().enumerate().map(other).collect()
}

#[test]
fn near_copies_are_looked_for_where_that_is_asked_for() {
    let scratch = Scratch::new();
    let (one, other) = (words(1, 200), words(2, 200));
    let longer = [&edited(&one, 60)[..], &words(3, 10)].concat();
    scratch.page("a.txt", text(&one)).page("b.txt", text(&longer)).page("c.txt", text(&other));
    run(&scratch, &[]);
    assert!(scratch.rows().values().all(|row| row["near_copy_of"].is_null() && row["sketch"].is_null()));
    let plain = files(&scratch.clean);

    let said = run(&scratch, &["--near-copies", "drop", "--dry-run"]);
    assert!(said.contains("Near copies: 1 page") && files(&scratch.clean) == plain, "{said}");

    run(&scratch, &["--near-copies", "keep"]);
    let rows = scratch.rows();
    let near = &rows["a.txt"]["near_copy_of"];
    assert_eq!((&near["page"], &near["rule"]), (&"b.txt".into(), &"near-copies#longest".into()));
    assert!((0.7..0.95).contains(&near["jaccard"].as_f64().unwrap()), "{near}");
    assert_eq!(rows["a.txt"]["status"], plain_status(&plain, "a.txt"));
    assert!(rows["b.txt"]["near_copy_of"].is_null() && rows["c.txt"]["near_copy_of"].is_null());
    assert_eq!(scratch.cleaned("a.txt").trim_end(), text(&one).trim_end());

    let said = run(&scratch, &["--near-copies", "drop"]);
    assert!(said.contains("Near copies: 1 page") && said.contains("near copies of b.txt"), "{said}");
    assert_eq!(scratch.row("a.txt")["status"], "near_copy");
    assert!(scratch.row("a.txt")["output"].is_null());
    assert!(!scratch.clean.join("a.txt").exists(), "what an earlier run wrote is gone");

    run(&scratch, &["--near-copies", "drop", "--near-stays", "first"]);
    assert_eq!(scratch.row("b.txt")["near_copy_of"]["page"], "a.txt");
    assert_eq!(scratch.cleaned("a.txt").trim_end(), text(&one).trim_end(), "it comes back");

    run(&scratch, &["--near-copies", "drop", "--near-threshold", "0.98"]);
    assert!(scratch.rows().values().all(|row| row["near_copy_of"].is_null()));
    run(&scratch, &[]);
    assert!(files(&scratch.clean) == plain, "without the option all is as it was");
}

fn plain_status(files: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>, page: &str) -> Value {
    let manifest = String::from_utf8(files[std::path::Path::new("manifest.jsonl")].clone()).unwrap();
    let mut rows = manifest.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.find(|row| row["path"] == page).unwrap()["status"].clone()
}

/// Pages of every kind, some of them near copies across kinds: files, HTML, records of an archive.
fn corpus(scratch: &Scratch) {
    let mut records = String::new();
    for family in 0..12u64 {
        let own = words(family + 10, 150 + 20 * family as usize);
        for copy in 0..4usize {
            let copied = text(&edited(&own, 25 * (copy + 2)));
            match (family as usize + copy) % 4 {
                0 => drop(scratch.page(&format!("text/{family}-{copy}.txt"), copied)),
                1 => {
                    let paragraphs: String =
                        copied.split("\n\n").map(|paragraph| format!("<p>{paragraph}</p>\n")).collect();
                    scratch.page(&format!("html/{family}-{copy}.html"), format!("<html><body>{paragraphs}"));
                }
                _ => {
                    let record = serde_json::json!({ "id": format!("{family}-{copy}"), "text": copied });
                    records.push_str(&format!("{record}\n"));
                }
            }
        }
    }
    scratch.page("records.jsonl", records);
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let scratch = Scratch::new();
    corpus(&scratch);
    for more in [&[][..], &["--output=jsonl", "--shard-size=20K"], &["--markup=markdown", "--copies=drop"]] {
        let mut seen = None;
        for threads in ["1", "2", "8"] {
            let clean = scratch.home.path().join(format!("clean-{threads}-{}", more.len()));
            let args = [&PLAIN, &["--near-copies=drop", "--threads", threads][..], more].concat();
            let output = dechaff().arg(&scratch.raw).arg(&clean).args(args).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let made = files(&clean);
            let dropped = rows(&clean).values().filter(|row| row["status"] == "near_copy").count();
            assert!(dropped >= 24, "{dropped} of 36 copies go");
            assert!(fs::read_dir(clean.join(".dechaff/new")).unwrap().next().is_none(), "temporary files are gone");
            match &seen {
                None => seen = Some(made),
                Some(seen) => assert!(*seen == made, "{threads} threads"),
            }
        }
    }
}

#[test]
fn a_second_run_is_a_run_from_nothing() {
    let scratch = Scratch::new();
    corpus(&scratch);
    let args = ["--near-copies=drop", "--prune", "--summary=json"];
    let forms: [&[&str]; 2] = [&[], &["--output=jsonl"]];
    for form in forms {
        let _ = fs::remove_dir_all(&scratch.clean);
        let args = [&args[..], form].concat();
        run(&scratch, &args);
        let first = files(&scratch.clean);
        let said: Value = serde_json::from_str(&run(&scratch, &args)).unwrap();
        assert_eq!(said["reused"], 48, "every page stands, dropped ones too");
        assert!(files(&scratch.clean) == first);

        // What stays is not always the same: a longer page comes, and one that others stood behind goes.
        let longer = [&words(12, 190)[..], &words(99, 9)].concat();
        scratch.page("text/longer.txt", text(&longer));
        let stays = scratch.rows().into_values().find_map(|row| {
            let page = row["near_copy_of"]["page"].as_str()?.to_string();
            (page.ends_with(".txt") || page.ends_with(".html")).then_some(page)
        });
        let stays = stays.unwrap();
        let bytes = fs::read(scratch.raw.join(&stays)).unwrap();
        fs::remove_file(scratch.raw.join(&stays)).unwrap();
        let said: Value = serde_json::from_str(&run(&scratch, &args)).unwrap();
        assert!(said["reused"].as_u64().unwrap() >= 40, "{said}");
        let fresh = scratch.home.path().join("fresh");
        let _ = fs::remove_dir_all(&fresh);
        let all = [&PLAIN, &args[..]].concat();
        assert!(dechaff().arg(&scratch.raw).arg(&fresh).args(all).status().unwrap().success());
        assert!(files(&scratch.clean) == files(&fresh));
        scratch.page(&stays, bytes);
        fs::remove_file(scratch.raw.join("text/longer.txt")).unwrap();
    }
}

#[test]
fn a_part_of_the_input_sees_its_own_pages() {
    let scratch = Scratch::new();
    let own = words(1, 200);
    for page in 0..12 {
        scratch.page(&format!("{page}.txt"), text(&edited(&own, 150 + 2 * page)));
    }
    let mut stay = 0;
    for part in ["1/2", "2/2"] {
        let clean = scratch.home.path().join(part.replace('/', "-"));
        let args = [&PLAIN, &["--near-copies=drop", "--near-stays=first", "--partition", part][..]].concat();
        assert!(dechaff().arg(&scratch.raw).arg(&clean).args(args).status().unwrap().success());
        let rows = rows(&clean);
        let here = |page: &Value| rows.contains_key(page.as_str().unwrap());
        assert!(rows.values().all(|row| row["near_copy_of"].is_null() || here(&row["near_copy_of"]["page"])));
        stay += rows.values().filter(|row| row["near_copy_of"].is_null()).count();
    }
    assert_eq!(stay, 2, "one page of each part");
}

#[test]
fn exact_copies_go_as_exact_copies() {
    let scratch = Scratch::new();
    let own = words(1, 100);
    scratch.page("a.txt", text(&own)).page("b.txt", text(&own)).page("c.txt", text(&edited(&own, 90)));
    run(&scratch, &["--near-copies=drop", "--copies=drop"]);
    let rows = scratch.rows();
    assert_eq!((&rows["b.txt"]["status"], &rows["b.txt"]["duplicate_of"]), (&"duplicate".into(), &"a.txt".into()));
    assert_eq!(rows["c.txt"]["status"], "near_copy");
    run(&scratch, &["--near-copies=drop"]);
    let row = scratch.row("b.txt");
    assert_eq!((&row["status"], &row["near_copy_of"]["jaccard"]), (&"near_copy".into(), &1.0.into()));
}

#[test]
fn what_was_dropped_is_shown_where_people_look() {
    let scratch = Scratch::new();
    let own = words(1, 200);
    scratch.page("a.txt", text(&own)).page("b.txt", text(&edited(&own, 70)));
    run(&scratch, &[]);
    let before = scratch.home.path().join("before.jsonl");
    fs::copy(scratch.clean.join("manifest.jsonl"), &before).unwrap();
    let said = run(&scratch, &["--near-copies=drop", "--verbose"]);
    assert!(said.contains("b.txt: near_copy: near-copies#longest: a near copy of a.txt"), "{said}");
    let say = |args: &[&std::ffi::OsStr]| {
        let output = dechaff().args(args).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (raw, clean) = (scratch.raw.as_os_str(), scratch.clean.as_os_str());
    let (_, diff) = say(&["diff".as_ref(), "--no-model".as_ref(), raw, clean]);
    assert!(diff.contains("[near-copies#longest: a near copy of a.txt"), "{diff}");
    let (_, against) = say(&["diff".as_ref(), raw, clean, "--against".as_ref(), before.as_os_str()]);
    assert!(against.contains("near-copies#longest"), "{against}");
    let (_, explained) = say(&["explain".as_ref(), "--no-model".as_ref(), scratch.raw.join("b.txt").as_os_str()]);
    assert!(explained.contains("a near copy of a.txt"), "{explained}");
    let plain = PLAIN.map(std::ffi::OsStr::new);
    let (code, checked) = say(&[&["check".as_ref(), raw, clean][..], &plain].concat());
    assert!(checked.contains("near-copy") && code == Some(0), "{code:?} {checked}");
}

#[test]
fn wrong_shapes_are_refused() {
    let scratch = Scratch::new();
    scratch.page("a.txt", text(&words(1, 50)));
    for (more, says) in [
        (&["--near-copies=some"][..], "keep"),
        (&["--near-stays=first"], "--near-copies"),
        (&["--near-copies=drop", "--near-threshold=0"], "above 0"),
        (&["--near-copies=drop", "--near-threshold=NaN"], "above 0"),
        (&["--near-copies=drop", "--near-bands=14"], "14x8"),
        (&["--near-copies=drop", "--near-bands=600x8"], "4096"),
        (&["--near-copies=drop", "--near-bands=20x3"], "4 hashes"),
        (&["--near-copies=drop", "--near-words=0"], "1..="),
    ] {
        let said = scratch.expect(2, more);
        assert!(said.contains(says), "{more:?}: {said}");
    }
    scratch.expect(0, &[&PLAIN, &["--near-copies=drop", "--near-words=3", "--near-bands=20x5"][..]].concat());
    assert!(scratch.row("a.txt")["sketch"].as_str().unwrap().starts_with("2:3,20x5:"));
}

/// Sketches in memory.
struct InMemory(Vec<Sketch>);

impl SketchSource for InMemory {
    type Error = std::convert::Infallible;

    fn sketch(&mut self, document: DocumentNumber) -> Result<(u32, Vec<u8>), Self::Error> {
        let sketch = &self.0[document as usize];
        Ok((sketch.length, sketch.hashes.clone()))
    }
}

/// The share of shingles that two texts have in common, counted.
fn true_jaccard(one: &str, other: &str) -> f64 {
    fn shingles(text: &str) -> BTreeSet<Vec<&str>> {
        let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_end_matches('.')).collect();
        words.windows(5).map(<[&str]>::to_vec).collect()
    }
    let (one, other) = (shingles(one), shingles(other));
    one.intersection(&other).count() as f64 / one.union(&other).count() as f64
}

/// The probability that two documents with a Jaccard index share a band, and agree in so many of their hashes.
fn theory(jaccard: f64, threshold: f64) -> f64 {
    // What eight bits agree by chance is part of both.
    let (bands, rows, chance) = (14.0, 8, 1.0 / 256.0);
    let agree = jaccard + (1.0 - jaccard) * chance;
    let candidate = 1.0 - (1.0 - agree.powi(rows)).powf(bands);
    let least = ((threshold - 0.0005) * (1.0 - chance) + chance) * 112.0;
    // A document that shares a band agrees in at least its eight hashes; of the other 104, as many as need be.
    let alike = at_least((least.ceil() - 8.0).max(0.0) as u32, 104, agree);
    candidate * alike
}

fn at_least(count: u32, of: u32, probability: f64) -> f64 {
    let mut sum = 0.0;
    let mut log_choose = 0.0f64;
    for k in 0..=of {
        if k > 0 {
            log_choose += f64::from(of - k + 1).ln() - f64::from(k).ln();
        }
        if k >= count {
            sum += (log_choose + f64::from(k) * probability.ln() + f64::from(of - k) * (1.0 - probability).ln()).exp();
        }
    }
    sum
}

#[test]
fn copies_are_found_as_often_as_theory_says() {
    let sketcher = Sketcher::new(SketchShape::default());
    let settings = NearSettings { stays: Stays::First, ..NearSettings::default() };
    // Every so-manyth word replaced takes five shingles.
    for every in [200, 60, 40, 31, 25, 20, 15] {
        let (pairs, mut sum) = (250, 0.0);
        let mut sketches = Vec::new();
        for pair in 0..pairs {
            let own = words(pair * 1000 + every as u64, 300);
            let (one, other) = (text(&own), text(&edited(&own, every)));
            sum += true_jaccard(&one, &other);
            sketches.extend([sketcher.sketch(&one), sketcher.sketch(&other)]);
        }
        let mut all: Vec<(u64, u32)> =
            (0..).zip(&sketches).flat_map(|(at, sketch)| keys(sketch).map(move |key| (key, at))).collect();
        all.sort_unstable();
        let documents = Numbered { earlier: 0, all: sketches.len() as u32 };
        let found = clusters::find(&settings, documents, all.into_iter().map(Ok), &mut InMemory(sketches));
        let Ok((matches, _)) = found;
        assert!(matches.iter().all(|found| found.stays + 1 == found.document && found.stays % 2 == 0), "none is wrong");
        let (jaccard, share) = (sum / pairs as f64, matches.len() as f64 / pairs as f64);
        let expected = theory(jaccard, 0.7);
        // Three times the error of so many pairs.
        let error = 3.0 * (expected * (1.0 - expected) / pairs as f64).sqrt() + 0.02;
        assert!((share - expected).abs() <= error, "Jaccard {jaccard:.3}: {share:.3} found in place of {expected:.3}");
    }
}

#[test]
fn an_earlier_corpus_is_compared_with() {
    let scratch = Scratch::new();
    let (one, other, third) = (words(1, 200), words(2, 200), words(3, 200));
    scratch.page("one.txt", text(&one)).page("two.txt", text(&edited(&one, 150)));
    scratch.page("pages.jsonl", format!("{}\n", serde_json::json!({ "id": "x", "text": text(&other) })));
    let old = scratch.home.path().join("old");
    let in_home = |args: &[&str]| {
        let output = dechaff().current_dir(scratch.home.path()).args(PLAIN).args(args).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{said}");
        said
    };
    in_home(&["raw", "old", "--near-copies=drop", "--output=jsonl"]);
    let gone = ["one.txt", "two.txt"].into_iter().filter(|page| rows(&old)[*page]["status"] == "near_copy");
    let stays = if gone.count() == 1 && rows(&old)["one.txt"]["status"] == "near_copy" { "two.txt" } else { "one.txt" };

    // A page alike both stays with the one that has a text; a longer page goes all the same; copies among the new pages are found.
    fs::remove_dir_all(&scratch.raw).unwrap();
    fs::create_dir(&scratch.raw).unwrap();
    let longer = [&one[..], &words(9, 20)].concat();
    let html: String = text(&edited(&other, 120)).split("\n\n").map(|line| format!("<p>{line}</p>")).collect();
    scratch.page("longer.txt", text(&longer)).page("page.html", format!("<html><body>{html}"));
    scratch.page("new.txt", text(&third)).page("new2.txt", text(&edited(&third, 100)));
    let forms: [&[&str]; 2] = [&[], &["--output=jsonl"]];
    for form in forms {
        let _ = fs::remove_dir_all(&scratch.clean);
        let mut seen = None;
        for threads in ["1", "2", "8"] {
            let args = [
                "raw",
                "clean",
                "--near-copies=drop",
                "--near-against=old",
                "--near-stays=first",
                "--threads",
                threads,
            ];
            let said = in_home(&[&args[..], form].concat());
            assert!(said.contains("2  are near copies of 2 documents of earlier corpora"), "{said}");
            let made = files(&scratch.clean);
            assert!(seen.is_none() || seen == Some(made.clone()), "{threads} threads");
            seen = Some(made);
        }
        let rows = scratch.rows();
        let near = &rows["longer.txt"]["near_copy_of"];
        assert_eq!((&near["corpus"], &near["rule"]), (&"old".into(), &"near-copies#earlier".into()));
        assert_eq!((&near["page"], &rows["longer.txt"]["status"]), (&stays.into(), &"near_copy".into()));
        let near = &rows["page.html"]["near_copy_of"];
        assert_eq!((&near["corpus"], &near["page"]), (&"old".into(), &"pages.jsonl#1".into()));
        assert!((0.7..1.0).contains(&near["jaccard"].as_f64().unwrap()), "{near}");
        let near = &rows["new2.txt"]["near_copy_of"];
        assert_eq!(
            (&near["corpus"], &near["page"], &near["rule"]),
            (&Value::Null, &"new.txt".into(), &"near-copies#first".into())
        );
        assert_eq!(rows["new.txt"]["status"], plain_status(&seen.unwrap(), "new.txt"));
    }

    // Only marked; told where people look; and all as it was without it.
    let said = in_home(&["raw", "clean", "--near-copies=keep", "--against=old", "--output=files"]);
    assert!(said.contains("are near copies of"), "{said}");
    assert_eq!(scratch.row("longer.txt")["near_copy_of"]["corpus"], "old");
    assert!(scratch.clean.join("longer.txt").exists());
    let said = in_home(&["raw", "clean", "--near-copies=drop", "--near-against=old", "--verbose"]);
    assert!(
        said.contains(&format!("longer.txt: near_copy: near-copies#earlier: a near copy of {stays} of old")),
        "{said}"
    );
    let said = in_home(&["raw", "clean", "--near-copies=drop"]);
    assert!(!said.contains("earlier corpora"), "{said}");
    assert!(scratch.row("longer.txt")["near_copy_of"].is_null() && scratch.clean.join("longer.txt").exists());
}

#[test]
fn an_earlier_corpus_that_cannot_be_compared_is_refused_before_anything_is_written() {
    let scratch = Scratch::new();
    scratch.page("a.txt", text(&words(1, 100)));
    let old = scratch.home.path().join("old");
    let against = format!("--near-against={}", old.display());
    let refused = |says: &str| {
        let said = scratch.expect(2, &[&PLAIN, &["--near-copies=drop", &against][..]].concat());
        assert!(said.contains(says), "{says}: {said}");
        assert!(!scratch.clean.exists(), "nothing is written");
    };
    refused("there is no folder");
    fs::create_dir(&old).unwrap();
    refused("holds no manifest");
    let into_old = |more: &[&str]| {
        assert!(dechaff().arg(&scratch.raw).arg(&old).args(PLAIN).args(more).output().unwrap().status.success());
    };
    into_old(&[]);
    refused("(a.txt): the document has no sketch: clean that corpus again with --near-copies");
    into_old(&["--near-copies=keep", "--near-bands=20x5"]);
    refused("--near-words 5 --near-bands 20x5");
    into_old(&["--near-copies=keep"]);
    let manifest = old.join("manifest.jsonl");
    let whole = fs::read_to_string(&manifest).unwrap();
    let edited = |from: &str, to: &str| {
        assert!(whole.contains(from), "{whole}");
        fs::write(&manifest, whole.replacen(from, to, 1)).unwrap();
    };
    edited("\"2:5,14x8", "\"1:5,14x8");
    refused("another version of dechaff");
    edited("\"2:5,14x8", "\"5,14x8");
    refused("damaged");
    edited("14x8:109:", "14x8:109:A");
    refused("damaged");
    edited("{\"manifest\":2", "{\"manifest\":1");
    refused("cleaned anew");
    fs::write(&manifest, format!("{whole}cut o")).unwrap();
    refused("manifest.jsonl:3 is no line of a dechaff manifest");
    fs::write(&manifest, &whole).unwrap();
    fs::write(old.join(".dechaff/journal.jsonl"), "").unwrap();
    refused("was interrupted");
    fs::remove_file(old.join(".dechaff/journal.jsonl")).unwrap();
    let said = scratch.expect(2, &["--near-against=x"]);
    assert!(said.contains("--near-copies"), "{said}");
    scratch.expect(0, &[&PLAIN, &["--near-copies=drop", &against][..]].concat());
    assert_eq!(scratch.row("a.txt")["status"], "near_copy");
    let own = format!("--near-against={}", scratch.clean.display());
    let said = scratch.expect(2, &[&PLAIN, &["--near-copies=drop", &own][..]].concat());
    assert!(said.contains("is the output folder of this run"), "{said}");
}
