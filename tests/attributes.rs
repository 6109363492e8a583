//! Dolma's attributes of a cleaned folder: a line for each document of each shard, and what is refused.

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use program::{Scratch, dechaff, rows};
use serde_json::Value;

const PLAIN: [&str; 2] = ["--no-model", "--no-survey"];

/// The lines of a compressed file.
fn lines(path: &Path) -> Vec<Value> {
    let bytes = zstd::decode_all(fs::File::open(path).unwrap()).unwrap();
    String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn attributes(scratch: &Scratch, code: i32, to: &Path) -> String {
    let output = dechaff().arg("attributes").arg(&scratch.clean).arg("-o").arg(to).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

fn pages(scratch: &Scratch) {
    let sentence =
        |page: usize| format!("Le bac nº {page} est rentré à l’aube, et personne ne sait pourquoi il était parti. ");
    for page in 0..12 {
        let lines: String = (0..4).map(|line| sentence(page * 7 + line) + "\n\n").collect();
        scratch.page(&format!("a/{page:02}.txt"), lines);
    }
    scratch.page("b.txt", "Un seul mot.\n");
    fs::copy(scratch.raw.join("a/00.txt"), scratch.raw.join("c.txt")).unwrap();
}

#[test]
fn every_document_of_every_shard_has_its_line() {
    let scratch = Scratch::new();
    pages(&scratch);
    let args = ["--output=jsonl", "--shard-size=2K", "--tag", "--filter=gopher-quality", "--near-copies=keep"];
    scratch.expect(0, &[&PLAIN[..], &args].concat());
    let to = scratch.home.path().join("attributes");
    let said = attributes(&scratch, 0, &to);
    assert!(said.starts_with("Attributes of 14 documents in "), "{said}");
    let mut seen = BTreeMap::new();
    for shard in fs::read_dir(&scratch.clean).unwrap().map(|entry| entry.unwrap()) {
        let name = shard.file_name().into_string().unwrap();
        if !name.starts_with("part-") {
            continue;
        }
        let (documents, attributes) = (lines(&shard.path()), lines(&to.join(&name)));
        assert_eq!(documents.len(), attributes.len(), "{name}");
        for (document, line) in documents.iter().zip(&attributes) {
            assert_eq!(document["id"], line["id"]);
            let length = document["text"].as_str().unwrap().chars().count();
            for (attribute, spans) in line["attributes"].as_object().unwrap() {
                assert_eq!((&spans[0][0], spans[0][1].as_u64()), (&0.into(), Some(length as u64)), "{attribute}");
                assert!(spans[0][2].is_f64() && spans[1].is_null(), "{attribute} {spans}");
            }
            seen.insert(line["id"].as_str().unwrap().to_string(), line["attributes"].clone());
        }
    }
    let rows = rows(&scratch.clean);
    assert_eq!(seen.len(), 14);
    let score = |page: &str, attribute: &str| seen[page][attribute][0][2].as_f64();
    let words = rows["b.txt"]["measures"]["words"].as_f64();
    assert_eq!(
        (score("b.txt", "dechaff__measure__words"), score("b.txt", "dechaff__filter__gopher_quality__short")),
        (words, words)
    );
    assert_eq!(score("a/01.txt", "dechaff__language__fra"), rows["a/01.txt"]["language"]["confidence"].as_f64());
    assert_eq!(score("a/01.txt", "dechaff__near_copy"), rows["a/01.txt"]["near_copy_of"]["jaccard"].as_f64());
    assert_eq!((score("c.txt", "dechaff__copy"), score("a/00.txt", "dechaff__copy")), (Some(1.0), None));
    // Again: the same bytes, and nothing else.
    let bytes = |folder: &Path| -> BTreeMap<_, _> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect()
    };
    let first = bytes(&to);
    attributes(&scratch, 0, &to);
    assert!(bytes(&to) == first);
}

#[test]
fn what_is_not_as_it_was_written_is_refused() {
    let scratch = Scratch::new();
    pages(&scratch);
    let to = scratch.home.path().join("attributes");
    assert!(attributes(&scratch, 2, &to).contains("nothing was cleaned yet"));
    scratch.expect(0, &PLAIN);
    assert!(attributes(&scratch, 2, &to).contains("--output jsonl"));
    scratch.expect(0, &[&PLAIN[..], &["--output=jsonl"]].concat());
    assert!(attributes(&scratch, 2, &scratch.clean.join("more")).contains("choose another folder"));
    let manifest = scratch.clean.join("manifest.jsonl");
    let whole = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, whole.replace("part-00000.jsonl.zst", "../../part-00000.jsonl.zst")).unwrap();
    assert!(attributes(&scratch, 2, &to).contains("which is no shard"));
    fs::write(&manifest, &whole).unwrap();
    let shard = scratch.clean.join("part-00000.jsonl.zst");
    let bytes = zstd::decode_all(fs::File::open(&shard).unwrap()).unwrap();
    let edited = String::from_utf8(bytes).unwrap().replacen("bac", "sac", 1);
    fs::write(&shard, zstd::encode_all(edited.as_bytes(), 3).unwrap()).unwrap();
    assert!(attributes(&scratch, 2, &to).contains("line 1 is not the text of a/00.txt"));
    fs::remove_file(&shard).unwrap();
    assert!(attributes(&scratch, 1, &to).contains("part-00000.jsonl.zst"));
    assert!(fs::read_dir(&to).map_or(0, Iterator::count) == 0, "nothing half done is left");
}
