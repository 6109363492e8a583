//! A second run does again what has changed and nothing else, and leaves the bytes of a run from nothing.

mod program;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use program::{Chance, Scratch, dechaff, files};

/// What the summary says of pages that were left alone.
fn again(said: &str) -> u64 {
    let line = said.lines().find(|line| line.contains("stand as an earlier run left them"));
    line.map_or(0, |line| line.split_whitespace().next().unwrap().replace(',', "").parse().unwrap())
}

/// What a run from nothing makes of the same input.
fn from_nothing(scratch: &Scratch, options: &[&str]) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let clean = scratch.home.path().join("from-nothing");
    let _ = fs::remove_dir_all(&clean);
    dechaff().arg(&scratch.raw).arg(&clean).args(options).args(["--quiet"]).output().unwrap();
    files(&clean)
}

fn page(site: usize, chance: &mut Chance) -> String {
    const SENTENCES: [&str; 8] = [
        "The ferry left at nine and came back at ten, which nobody had asked it to do.",
        "On the quay a man with a bicycle waited for the post, as he does every morning in spring.",
        "The board met on Tuesday and agreed that the bridge, all things considered, is a bridge.",
        "Gulls were counted again, and again the gulls took no notice of the counting.",
        "By the evening the fog had gone, and with it the lighthouse keeper's second sandwich.",
        "Café déjà vu was the name of the place, and the coffee had been made the day before.",
        "Nobody had seen the otter, though everybody had heard of somebody who had seen it twice.",
        "The harbour master keeps a list of things that fell into the water, and it is a long list.",
    ];
    let mut text = format!("Home {site}\nNews {site}\nHarbour weather {site}\n\nStory {}\n\n", chance.below(1000));
    for _ in 0..2 + chance.below(5) {
        text.push_str(SENTENCES[chance.below(SENTENCES.len())]);
        text.push_str("\n\n");
    }
    text.push_str(&format!("Share this\nNo comments:\nPaper {site}, all rights reserved\n"));
    text
}

#[test]
fn after_any_edits_the_folder_is_as_if_made_from_nothing() {
    let mut chance = Chance(20);
    let scratch = Scratch::new();
    let host = |site: usize| format!("paper{site}.example");
    for site in 0..4 {
        for number in 0..9 {
            scratch.page(&format!("{}/{number}.txt", host(site)), page(site, &mut chance));
        }
    }
    let rules = scratch.home.path().join("rules/site");
    fs::create_dir_all(&rules).unwrap();
    let rule = |name: &str, line: &str| {
        format!(
            "about = \"A test.\"\n[[drop]]\nid = \"{name}\"\nequals = \"{line}\"\nwhy = \"It is a test.\"\nhits = [\"{line}\"]\n"
        )
    };
    let mut options = vec!["--no-model"];
    for step in 0..45 {
        let raw: Vec<_> = files(&scratch.raw).into_keys().map(|path| path.to_str().unwrap().to_string()).collect();
        let any = raw[chance.below(raw.len())].clone();
        let site = chance.below(4);
        let number = chance.below(12);
        let what = chance.below(15);
        match what {
            0 => {
                scratch.page(&any, page(site, &mut chance));
            }
            1 => fs::remove_file(scratch.raw.join(&any)).unwrap(),
            2 => {
                scratch.page(&format!("{}/{number}.txt", host(site)), page(site, &mut chance));
            }
            3 => {
                scratch.page(&format!("{}/{number}", host(site)), page(site, &mut chance));
            }
            4 => {
                scratch.page(&format!("{}/0-{number}.txt", host(site)), fs::read(scratch.raw.join(&any)).unwrap());
            }
            5 => {
                let url = format!("{{\"url\":\"https://{}/x\"}}", host(site));
                scratch.page(&format!("{any}.meta.json"), url);
            }
            6 | 7 => {
                let written: Vec<_> =
                    files(&scratch.clean).into_iter().filter(|(path, _)| path.ends_with(".txt")).collect();
                if let Some((path, bytes)) = written.get(chance.below(written.len().max(1))) {
                    match what {
                        6 => fs::write(scratch.clean.join(path), bytes.to_ascii_uppercase()).unwrap(),
                        _ => fs::remove_file(scratch.clean.join(path)).unwrap(),
                    }
                }
            }
            8 => {
                options =
                    [vec!["--no-model"], vec!["--no-model", "--copies=drop"], vec!["--off=furniture", "--no-model"]]
                        [chance.below(3)]
                    .clone()
            }
            9 => fs::write(rules.join(format!("{}.toml", host(site))), rule("story", &format!("Story {number}")))
                .unwrap(),
            10 => {
                fs::write(rules.join(format!("{}.toml", host(site))), rule("paper", &format!("News {site}"))).unwrap()
            }
            11 => drop(fs::remove_dir_all(scratch.clean.join(".dechaff"))),
            13 => {
                // The charset of such pages hangs on what the site's other pages are in.
                let latin: Vec<u8> = page(site, &mut chance).chars().map(|c| c as u8).collect();
                scratch.page(&format!("{}/{number}.txt", host(site)), latin);
            }
            12 => {
                scratch.page(&format!("{}/blank{number}.txt", host(site)), " \n");
            }
            _ => {
                scratch.page(&format!("new.example/{number}.txt"), page(site, &mut chance));
            }
        }
        let rules = scratch.home.path().join("rules");
        let all = [options.clone(), vec!["--rules", rules.to_str().unwrap()]].concat();
        // An edited output is only replaced by a run that starts over.
        let output = scratch.run(&[all.clone(), vec!["--prune"], vec!["--force"; usize::from(what == 6)]].concat());
        assert!(output.status.code() < Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        let expected = from_nothing(&scratch, &all);
        let made = files(&scratch.clean);
        for (path, bytes) in &expected {
            let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(str::to_string).collect::<Vec<_>>();
            let (made, expected) = (made.get(path).map(|bytes| lines(bytes)).unwrap_or_default(), lines(bytes));
            let differ = made.iter().zip(&expected).find(|(made, expected)| made != expected);
            assert_eq!(differ, None, "step {step}, edit {what}: {}", path.display());
            assert_eq!(made.len(), expected.len(), "step {step}, edit {what}: {}", path.display());
        }
        assert!(made.keys().eq(expected.keys()), "step {step}, edit {what}: {:?}", made.keys());
        scratch.rows();
    }
}

#[test]
fn what_has_not_changed_is_not_done_again() {
    let mut chance = Chance(3);
    let scratch = Scratch::new();
    for site in 0..2 {
        for number in 0..6 {
            scratch.page(&format!("paper{site}.example/{number}.txt"), page(site, &mut chance));
        }
    }
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("site")).unwrap();
    let write_rule = |host: &str| {
        let rule = "about = \"A test.\"\n[[drop]]\nid = \"x\"\nequals = \"Harbour weather 1\"\nwhy = \"A test.\"\nhits = [\"Harbour weather 1\"]\n";
        fs::write(rules.join(format!("site/{host}.toml")), rule).unwrap();
    };
    let templates = scratch.home.path().join("frozen");
    let options = |more: &[&str]| {
        let mut options = vec!["--rules".to_string(), rules.to_str().unwrap().to_string()];
        options.extend(more.iter().map(|option| option.to_string()));
        options
    };
    let run = |more: &[&str]| {
        let options = options(more);
        again(&scratch.expect(0, &options.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    assert_eq!(run(&[]), 0);
    assert_eq!(run(&[]), 12, "nothing changed");
    assert_eq!(run(&["--force"]), 0);
    assert_eq!(run(&["--threads=3"]), 12, "threads change no byte");
    write_rule("elsewhere.example");
    assert_eq!(run(&[]), 12, "a rule for another site");
    write_rule("paper1.example");
    assert_eq!(run(&[]), 6, "a rule for one of two sites");
    assert_eq!(run(&["--favor=recall"]), 0, "an option that changes bytes");
    fs::copy(scratch.clean.join(".dechaff/templates.jsonl"), &templates).unwrap();
    let frozen = ["--templates", templates.to_str().unwrap()];
    run(&frozen);
    scratch.page("paper0.example/0.txt", page(0, &mut chance));
    assert_eq!(run(&frozen), 11, "one page edited, and what is known is frozen");
    scratch.page("paper0.example/1.txt.meta.json", "{\"url\":\"https://paper1.example/\"}");
    assert_eq!(run(&frozen), 11, "a page's URL is known now");
    fs::remove_file(scratch.clean.join("paper1.example/3.txt")).unwrap();
    fs::remove_file(scratch.clean.join("paper1.example/4.txt")).unwrap();
    assert_eq!(run(&frozen), 10, "outputs that are gone");
    fs::remove_file(scratch.raw.join("paper0.example/2.txt")).unwrap();
    assert_eq!(run(&[&frozen[..], &["--prune"]].concat()), 11);
    assert!(!scratch.clean.join("paper0.example/2.txt").exists(), "its source is gone");
}

#[test]
fn a_survey_counts_a_site_again_when_its_pages_change() {
    let mut chance = Chance(4);
    let scratch = Scratch::new();
    for number in 0..6 {
        scratch.page(&format!("paper.example/{number}.txt"), page(0, &mut chance));
        scratch.page(&format!("other.example/{number}.txt"), page(1, &mut chance));
    }
    scratch.expect(0, &["--no-model"]);
    scratch.page("paper.example/6.txt", page(0, &mut chance));
    assert_eq!(again(&scratch.expect(0, &["--no-model"])), 6, "the other site's pages stand");
    assert_eq!(files(&scratch.clean), from_nothing(&scratch, &["--no-model"]));
}

#[test]
fn a_run_that_is_killed_at_any_moment_is_gone_on_with() {
    let mut chance = Chance(5);
    let scratch = Scratch::new();
    for number in 0..600 {
        let text: String = (0..12).map(|_| page(number / 100, &mut chance)).collect();
        scratch.page(&format!("paper{}.example/{number:03}.txt", number / 100), text);
    }
    let expected = from_nothing(&scratch, &[]);
    let killed_after = |delay: Duration, options: &[&str]| {
        let mut child =
            dechaff().arg(&scratch.raw).arg(&scratch.clean).args(options).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
    };
    for _ in 0..20 {
        killed_after(Duration::from_millis(20 + chance.below(400) as u64), &[]);
        for (path, bytes) in files(&scratch.clean) {
            assert_eq!(Some(&bytes), expected.get(&path), "{}", path.display());
        }
        if chance.below(4) == 0 {
            scratch.expect(0, &["--quiet"]);
            assert_eq!(files(&scratch.clean), expected);
            fs::remove_dir_all(&scratch.clean).unwrap();
        }
    }
    scratch.expect(0, &["--quiet"]);
    assert_eq!(files(&scratch.clean), expected);
    assert!(left_in(&scratch.clean.join(".dechaff/new")).is_empty());

    fs::remove_dir_all(&scratch.clean).unwrap();
    let journal = scratch.clean.join(".dechaff/journal.jsonl");
    for delay in (40..).step_by(40) {
        killed_after(Duration::from_millis(delay), &["--threads=1"]);
        if fs::read_to_string(&journal).is_ok_and(|text| text.lines().count() > 50) || delay > 4000 {
            break;
        }
    }
    let finished = fs::read_to_string(&journal).map_or(0, |text| text.lines().count() as u64);
    let said = scratch.expect(0, &[]);
    assert!(again(&said) + 3 > finished && finished > 50, "{finished} rows in the journal, and {said}");
    assert_eq!(files(&scratch.clean), expected);
}

fn left_in(folder: &Path) -> Vec<std::ffi::OsString> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}
