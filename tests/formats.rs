//! Forms that a page or a file of many pages may have, besides text, HTML, WARC and JSON lines: each gives the text of the
//! page, and what is no page is told.

mod program;

use std::collections::BTreeMap;

use dechaff::internals::parse::kind::{FORMS, Form};
use dechaff::internals::read::archive::formats::FORMATS;
use program::{Scratch, files, project};
use serde_json::{Value, json};

/// Words of a page in plain prose, which no rule takes.
fn prose(number: usize) -> String {
    format!(
        "The ferry to island number {number} left at nine sharp on Monday, a full three minutes after the last passenger \
         had taken her seat and the gulls had lost interest in the whole affair."
    )
}

fn line(id: Value, number: usize) -> Value {
    json!({ "id": id, "text": prose(number), "url": format!("https://harbourpost.example/{number}") })
}

fn statuses(scratch: &Scratch) -> Vec<String> {
    let mut rows: Vec<_> = scratch.rows().into_iter().map(|(name, row)| (row["record"].as_u64(), name, row)).collect();
    rows.sort_by(|(one, a, _), (other, b, _)| one.cmp(other).then(a.cmp(b)));
    rows.iter().map(|(_, name, row)| format!("{name} {}", row["status"].as_str().unwrap())).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_table_of_formats_is_that_of_the_code() {
    let path = project("docs/formats.md");
    let committed = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- generated: formats -->\n", "<!-- end of formats -->\n");
    let (before, rest) = committed.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut table = "\n| a file that is one page | known by | read as |\n|---|---|---|\n".to_string();
    for Form { name, known_by, read_as, .. } in FORMS {
        table += &format!("| {name} | {known_by} | {read_as} |\n");
    }
    table += "\n| a file of many pages | known by | a page is | `record` is |\n|---|---|---|---|\n";
    for format in FORMATS {
        let endings = format.endings.iter().map(|ending| format!("`.{ending}`")).collect::<Vec<_>>().join(", ");
        let known_by = [format.known_by, &endings].into_iter().filter(|known| !known.is_empty()).collect::<Vec<_>>();
        table += &format!("| {} | {} | {} | {} |\n", format.name, known_by.join("; or "), format.page, format.record);
    }
    let text = format!("{before}{start}{table}\n{end}{after}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(committed == text, "docs/formats.md is stale: run the tests once with BLESS=1");
}

#[test]
fn json_is_read_however_it_is_written() {
    let lines: String = (0..2).map(|number| line(json!(number), number).to_string() + "\n").collect();
    let array = json!([line(json!(0), 0), line(json!(1), 1)]);
    let pretty = serde_json::to_string_pretty(&array).unwrap();
    let cases: [(&str, Vec<u8>); 9] = [
        ("a.json", array.to_string().into()),
        ("b.json", pretty.clone().into()),
        ("part-00000", pretty.clone().into()),
        (
            "c.json",
            (0..2).map(|n| serde_json::to_string_pretty(&line(json!(n), n)).unwrap()).collect::<String>().into(),
        ),
        ("d.jsonl", [b"\xFF\xFE".to_vec(), utf16(&lines)].concat()),
        ("e.json", utf16(&lines)),
        ("f.json", [b"\xFF\xFE".to_vec(), utf16(&pretty)].concat()),
        ("g.csv", [b"\xFF\xFE".to_vec(), utf16(&format!("id\ttext\n0\t{}\n1\t{}\n", prose(0), prose(1)))].concat()),
        ("h.jsonl", format!("\u{FEFF}{}", lines.replace('\n', "\n\u{FEFF}")).into()),
    ];
    for (name, bytes) in cases {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        let said = scratch.expect(0, &["--strict"]);
        for number in 0..2 {
            let text = scratch.cleaned(&format!("{name}/{number}.txt"));
            assert_eq!(text.trim_end(), prose(number), "{name}: {said}");
        }
    }
}

#[test]
fn what_comes_first_does_not_decide_for_the_file() {
    let nothing = ["null".to_string(), json!({ "meta": 1 }).to_string(), json!({ "text": null }).to_string()];
    for (name, divided) in [("part-0", "\n"), ("a.json", "\n"), ("b.json", ",")] {
        let values: Vec<String> = nothing.iter().cloned().chain([line(json!("a"), 0).to_string()]).collect();
        let values = values.join(divided);
        let scratch = Scratch::new();
        scratch.page(name, if divided == "," { format!("[{values}]") } else { values });
        scratch.expect(1, &[]);
        let failed = (1..4).map(|n| format!("{name}#{n} failed"));
        assert_eq!(statuses(&scratch), failed.chain([format!("{name}#4 cleaned")]).collect::<Vec<_>>());
    }
    let scratch = Scratch::new();
    scratch
        .page("package.json", "{\n  \"name\": \"tide\",\n  \"version\": \"1.0\"\n}\n")
        .page("part-1", "{\"a\":1}\n{\"a\":2}\n");
    scratch.expect(0, &[]);
    assert_eq!(statuses(&scratch), ["package.json skipped", "part-1 skipped"]);
}

#[test]
fn records_of_one_name_are_all_written_and_a_second_run_is_a_run_from_nothing() {
    let lines = |ids: &[(&str, usize)]| -> String {
        ids.iter().map(|(id, number)| line(json!(id), *number).to_string() + "\n").collect()
    };
    let first = [("a", 0), ("b", 1), ("a", 2), ("a~2", 3), ("a", 4), ("a~6", 5)];
    // One after the other: names are taken, given back, and change their owners.
    let runs: [&[(&str, usize)]; 6] = [
        &first,
        &first,
        &[("x", 0), ("b", 1), ("a", 2), ("a~2", 3), ("a", 4), ("a~6", 5)],
        &[("x", 0), ("a", 7), ("a", 2), ("a~2", 3), ("a", 4), ("a~6", 5)],
        &[("a", 0), ("a", 7), ("c", 2), ("c", 3)],
        &first,
    ];
    let scratch = Scratch::new();
    for ids in runs {
        scratch.page("a.jsonl", lines(ids));
        scratch.expect(0, &[]);
        let fresh = Scratch::new();
        fresh.page("a.jsonl", lines(ids));
        fresh.expect(0, &["--threads", "1"]);
        assert_eq!(files(&scratch.clean), files(&fresh.clean), "{ids:?}");
        let written: BTreeMap<String, String> = files(&scratch.clean)
            .into_iter()
            .filter(|(name, _)| name.starts_with("a.jsonl"))
            .map(|(name, text)| (name.to_string_lossy().into_owned(), String::from_utf8(text).unwrap()))
            .collect();
        assert_eq!(written.len(), ids.len(), "{written:?}");
    }
    assert_eq!(scratch.cleaned("a.jsonl/a.txt").trim_end(), prose(0));
    assert_eq!(scratch.cleaned("a.jsonl/a~3.txt").trim_end(), prose(2));
    assert_eq!(scratch.cleaned("a.jsonl/a~2.txt").trim_end(), prose(3));
    assert_eq!(scratch.cleaned("a.jsonl/a~6~6.txt").trim_end(), prose(5));
    let leftovers = std::fs::read_dir(scratch.clean.join(".dechaff/new")).unwrap().count();
    assert_eq!(leftovers, 0);
}

#[test]
fn arc_is_read_whatever_its_lengths_count() {
    let page = |number: usize| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>{}</p></body></html>\n",
            prose(number)
        )
    };
    let record = |number: usize, off: i64| {
        let page = page(number);
        let length = page.len() as i64 + off;
        format!("http://harbourpost.example/{number}?a=b 192.0.2.1 20080101120000 text/html {length}\n{page}\n")
            .into_bytes()
    };
    let version = |length: usize| {
        let block = "1 0 Invented\nURL IP-address Archive-date Content-type Archive-length\n";
        format!("filedesc://a.arc 0.0.0.0 20080101120000 text/plain {length}\n{block}\n").into_bytes()
    };
    let dns = b"dns:harbourpost.example 192.0.2.1 20080101120000 text/dns 9\n20080101\n\n".to_vec();
    let gzip = |bytes: &Vec<u8>| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, bytes).unwrap();
        encoder.finish().unwrap()
    };
    for off in [-9, -1, 0, 1, 2, 20] {
        let records = [version(69), dns.clone(), record(0, off), record(1, off), record(2, 0)];
        for (name, bytes) in [
            ("a.arc", records.concat()),
            ("a.arc.gz", records.iter().flat_map(gzip).collect()),
            ("b", [version(150), record(0, off), record(1, off), record(2, 0)].concat()),
        ] {
            let scratch = Scratch::new();
            scratch.page(name, bytes);
            scratch.expect(0, &[]);
            for number in 0..3 {
                let text = scratch.cleaned(&format!("{name}/harbourpost.example/{number}%3Fa=b.txt"));
                assert_eq!(text.trim_end(), prose(number), "{name} {off}");
            }
        }
    }
}

#[test]
fn lengths_of_warc_that_are_a_few_bytes_off_give_the_record() {
    let record = |number: usize, off: i64| {
        let block = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>{}</p></body></html>\n",
            prose(number)
        );
        let length = block.len() as i64 + off;
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://harbourpost.example/{number}\r\n\
             WARC-Record-ID: <urn:uuid:{number}>\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n"
        )
        .into_bytes()
    };
    let gzip = |bytes: Vec<u8>| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, &bytes).unwrap();
        encoder.finish().unwrap()
    };
    for off in [-16, -12, -3, -1, 1, 3, 4, 5, 8, 12, 13, 14, 15, 16] {
        let records = [record(0, off), record(1, off), record(2, 0)];
        for (name, bytes) in [("a.warc", records.concat()), ("a.warc.gz", records.into_iter().flat_map(gzip).collect())]
        {
            let scratch = Scratch::new();
            scratch.page(name, bytes);
            scratch.expect(0, &[]);
            for number in 0..3 {
                assert_eq!(scratch.cleaned(&format!("{name}/{number}.txt")).trim_end(), prose(number), "{name} {off}");
            }
        }
    }
}

#[test]
fn web_archives_may_bring_their_dictionary() {
    let record = |number: usize| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{}\n", prose(number));
        let length = block.len();
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n"
        )
    };
    let samples: Vec<Vec<u8>> = (0..400).map(|number| record(number * 7919).into_bytes()).collect();
    let dictionary = zstd::dict::from_samples(&samples, 4096).unwrap();
    let mut packer = zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap();
    let frames: Vec<u8> = (0..3).flat_map(|number| packer.compress(record(number).as_bytes()).unwrap()).collect();
    for content in [dictionary.clone(), zstd::encode_all(&dictionary[..], 3).unwrap()] {
        let frame = [b"\x5D\x2A\x4D\x18".as_slice(), &(content.len() as u32).to_le_bytes(), &content].concat();
        let scratch = Scratch::new();
        scratch.page("a.warc.zst", [frame, frames.clone()].concat());
        scratch.expect(0, &[]);
        for number in 0..3 {
            assert_eq!(scratch.cleaned(&format!("a.warc.zst/{number}.txt")).trim_end(), prose(number));
        }
    }
    let scratch = Scratch::new();
    scratch.page("a.warc.zst", frames);
    let said = scratch.expect(1, &[]);
    assert!(said.contains("Zstandard is damaged"), "{said}");
}

#[test]
fn a_saved_page_is_taken_out_of_its_message() {
    let message = format!(
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://harbourpost.example/a?b\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"x\"\r\n\r\n--x\r\n\
         Content-Type: text/html; charset=\"iso-8859-2\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <html><body><h1>Menu of f=B5r</h1><p>{}</p></body></html>\r\n--x\r\nContent-Type: image/png\r\n\
         Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n",
        prose(0)
    );
    let scratch = Scratch::new();
    scratch.page("a.mhtml", &message);
    scratch.expect(0, &["--strict"]);
    assert!(scratch.cleaned("a.mhtml.txt").contains(&prose(0)));
    let row = scratch.row("a.mhtml");
    assert_eq!((&row["site"], &row["charset"]["name"]), (&json!("harbourpost.example"), &json!("ISO-8859-2")));
    let first = files(&scratch.clean);
    scratch.expect(0, &[]);
    assert_eq!(files(&scratch.clean), first);
}

#[test]
fn markdown_is_structure_and_subtitles_are_text() {
    let scratch = Scratch::new();
    let markdown = format!(
        "---\ntitle: Ferries\n---\n\n# Ferries\n\n{}\n\n| when | where |\n|---|---|\n| nine | pier |\n",
        prose(0)
    );
    scratch.page("a.md", &markdown);
    let words: Vec<String> = prose(1).split_inclusive(' ').map(str::to_string).collect();
    let cues = words.chunks(7).enumerate().map(|(at, words)| {
        format!(
            "{}\n00:00:{:02},000 --> 00:00:{:02},900\n{}\n\n",
            at + 1,
            at * 2,
            at * 2 + 1,
            words.concat().trim_end()
        )
    });
    scratch.page("b.srt", cues.collect::<String>());
    scratch.expect(0, &["--strict", "--markup", "markdown", "--no-model", "--off", "furniture"]);
    let text = scratch.cleaned("a.md");
    assert!(text.contains("# Ferries\n\n") && text.contains(&prose(0)) && text.contains("| nine | pier |"), "{text}");
    assert_eq!(scratch.row("a.md")["metadata"]["title"], "Ferries");
    assert_eq!(scratch.cleaned("b.srt.txt").trim_end(), prose(1));
    assert_eq!(scratch.row("b.srt")["non_content_elements"]["cue times"], words.chunks(7).count());
}

/// A build without Parquet says how to get one that has it, whether it meets a file or is asked for one.
#[cfg(not(feature = "parquet"))]
#[test]
fn without_parquet_a_file_of_it_is_told_with_what_to_do() {
    let scratch = Scratch::new();
    scratch.page("a.parquet", b"PAR1 and so on");
    scratch.expect(1, &[]);
    let why = scratch.row("a.parquet#1")["reason"].as_str().unwrap().to_string();
    assert!(why.contains("--features parquet") && why.contains("pip install dechaff"), "{why}");
    let said = scratch.expect(2, &["--output", "parquet"]);
    assert!(said.contains("--features parquet"), "{said}");
}

/// A record of ARC with a page, and the length that it tells `off` bytes off.
fn arc_record(number: usize, kind: &str, off: i64) -> Vec<u8> {
    let page = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>{}</p>\n", prose(number));
    let head = format!("http://harbourpost.example/{number} 192.0.2.1 20080101120000 {kind}");
    format!("{head} {}\n{page}\n", page.len() as i64 + off).into_bytes()
}

#[test]
fn arc_without_its_first_block_is_arc() {
    let records = |off| (0..3).flat_map(|number| arc_record(number, "text/html", off)).collect::<Vec<u8>>();
    let whole = records(0);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, bytes).unwrap();
        encoder.finish().unwrap()
    };
    let first = b"\n\nfiledesc://a.arc 0.0.0.0 20080101120000 text/plain 69\n1 0 Invented\n\n";
    for (name, bytes, cut) in [
        ("a.arc", whole.clone(), 0),
        ("a.arc.gz", gzip(&whole), 0),
        ("a.arc", [b"\r\n", whole.as_slice()].concat(), 0),
        ("a", [first, whole.as_slice()].concat(), 0),
        ("a.arc", whole[40..].to_vec(), 1),
        ("a.arc.gz", gzip(&whole[300..]), 1),
    ] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(cut, &[]);
        for number in cut as usize..3 {
            let text = scratch.cleaned(&format!("{name}/harbourpost.example/{number}.txt"));
            assert_eq!(text.trim_end(), prose(number), "{name}");
        }
        let failed = statuses(&scratch).iter().filter(|row| row.ends_with("failed")).count();
        assert_eq!(failed, cut as usize, "what was cut off is told: {:?}", statuses(&scratch));
    }
    // An archive of another kind that is named so.
    let scratch = Scratch::new();
    scratch.page("b.arc", b"\x1A\x08NOTES.TXT\0\0\0\x10\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08\x0E\x0F".repeat(40));
    scratch.expect(0, &[]);
    assert_eq!(statuses(&scratch), ["b.arc skipped"]);
}

#[test]
fn a_page_of_arc_whose_length_is_wrong_says_so_and_takes_nothing_of_the_next() {
    for (off, is_last) in [(300, false), (9000, false), (-120, false), (-102, false), (9000, true)] {
        let wrong = usize::from(is_last);
        let records = (0..3).flat_map(|number| arc_record(number, "text/html", if number == wrong { off } else { 0 }));
        let scratch = Scratch::new();
        scratch.page("a.arc", records.collect::<Vec<u8>>());
        scratch.expect(i32::from(off < 0), &[]);
        for number in 0..3 {
            let name = format!("a.arc/harbourpost.example/{number}.txt");
            let text = scratch.cleaned(&name);
            let row = scratch.rows().into_values().find(|row| row["output"]["path"] == json!(name)).unwrap();
            let is_cut = row["repairs"]["cut-short"].is_number();
            assert_eq!(is_cut, number == wrong, "{off}: {row}");
            match number == wrong && off < 0 {
                true => assert!(prose(number).starts_with(text.trim_end()), "{off}: {text}"),
                false => assert_eq!(text.trim_end(), prose(number), "{off}"),
            }
        }
    }
}

#[test]
fn a_type_of_arc_may_have_a_blank_in_it() {
    let scratch = Scratch::new();
    let records = [arc_record(0, "text/html; charset=utf-8", 0), arc_record(1, "text/html", 0)];
    scratch.page("a.arc", records.concat());
    scratch.expect(0, &[]);
    assert_eq!(scratch.cleaned("a.arc/harbourpost.example/0.txt").trim_end(), prose(0));
}

#[test]
fn what_is_declared_html_is_read_so_wherever_its_tags_begin() {
    let body =
        format!("Notice: no such index in page.php\n<!DOCTYPE html><html><body><p>{}</p></body></html>", prose(0));
    let response = |kind: &str, body: &str| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}");
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://harbourpost.example/0\r\n\
             WARC-Record-ID: <urn:uuid:0>\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    };
    let csv = format!("id,html\n0,\"<strong>Tide</strong> {}\"\n", prose(0));
    let strong = format!("<strong>Tide</strong> {}", prose(0));
    for (name, bytes, output) in [
        ("a.html", body.clone(), "a.html.txt"),
        ("a.warc", response("text/html", &body), "a.warc/0.txt"),
        ("b.warc", response("application/xhtml+xml", &strong), "b.warc/0.txt"),
        ("a.jsonl", json!({ "id": "0", "html": strong }).to_string(), "a.jsonl/0.txt"),
        ("a.csv", csv, "a.csv/0.txt"),
    ] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &[]);
        let text = scratch.cleaned(output);
        assert!(text.contains(&prose(0)) && !text.contains('<'), "{name}: {text}");
    }
    // What is not declared so is text, and so is what has no tag.
    for (name, bytes, output) in [
        ("a.txt", body.clone(), "a.txt"),
        ("a.warc", response("text/plain", &strong), "a.warc/0.txt"),
        ("a.jsonl", json!({ "id": "0", "text": strong }).to_string(), "a.jsonl/0.txt"),
    ] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &[]);
        assert!(scratch.cleaned(output).contains('<'), "{name}");
    }
    let scratch = Scratch::new();
    scratch.page("a.html", format!("It was 1 < 2 then, she wrote. {}", prose(0)));
    scratch.expect(0, &[]);
    assert!(scratch.cleaned("a.html.txt").contains("1 < 2"));
}

#[test]
fn a_blank_line_before_a_response_is_no_part_of_it() {
    for counted in [0, 2] {
        let record = |number: usize| {
            let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{}", prose(number));
            format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://harbourpost.example/{number}\r\n\
                 WARC-Record-ID: <urn:uuid:{number}>\r\nContent-Length: {}\r\n\r\n\r\n{block}\r\n\r\n",
                block.len() + counted
            )
        };
        let scratch = Scratch::new();
        scratch.page("a.warc", (0..3).map(record).collect::<String>());
        scratch.expect(0, &[]);
        for number in 0..3 {
            assert_eq!(scratch.cleaned(&format!("a.warc/{number}.txt")).trim_end(), prose(number), "{counted}");
        }
    }
}

#[test]
fn a_text_that_begins_with_json_is_text_and_json_that_begins_otherwise_is_json() {
    let texts = (0..9).map(prose).collect::<Vec<_>>().join("\n\n");
    for first in [r#"{"title": "Ferry", "date": "2020"}"#, r#"{"text": "Ferry", "id": "x"}"#] {
        for name in ["a.txt", "a.md", "notes"] {
            let scratch = Scratch::new();
            scratch.page(name, format!("{first}\n{texts}\n"));
            scratch.expect(0, &[]);
            let output = if name == "a.txt" { "a.txt".to_string() } else { format!("{name}.txt") };
            let text = scratch.cleaned(&output);
            assert!((0..9).all(|number| text.contains(&prose(number))), "{name} {first}: {text}");
        }
    }
    let (one, two) = (line(json!("1"), 1).to_string(), line(json!("2"), 2).to_string());
    let utf16 = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases: Vec<(&str, Vec<u8>, usize)> = vec![
        ("a.json", format!("[\"header\", {one}, {two}]").into(), 1),
        ("part-0", format!("[\"header\", {one}, {two}]").into(), 1),
        ("a.json", format!("[[1,2], {one}, {two}]").into(), 2),
        ("a.json", format!("[null, 5, \"x\", {one}, {two}]").into(), 3),
        ("a.json", format!("\"hdr\"\n{one}\n{two}\n").into(), 1),
        ("a.json", format!("[1,2]\n{one}\n{two}\n").into(), 1),
        ("a.json", format!("# by hand\n{one}\n{two}\n").into(), 1),
        ("part-0", format!("true\n{one}\n{two}\n").into(), 1),
        ("part-0", format!("5\n{one}\n{two}\n").into(), 1),
        ("part-0", format!("\"hdr\"\n{one}\n{two}\n").into(), 1),
        ("part-0", format!("# by hand\n{one}\n{two}\n").into(), 1),
        ("part-0", format!("\u{1E}{one}\n\u{1E}{two}\n").into(), 0),
        ("part-0", utf16(format!("null\n{one}\n{two}\n")), 1),
        ("a.json", utf16(format!("[null,\n{one},\n{two}]")), 1),
    ];
    for (name, bytes, failed) in cases {
        let shown = String::from_utf8_lossy(&bytes[..20]).into_owned();
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        let said = scratch.expect(i32::from(failed > 0), &[]);
        for number in 1..3 {
            let text = scratch.cleaned(&format!("{name}/{number}.txt"));
            assert_eq!(text.trim_end(), prose(number), "{name} {shown}: {said}");
        }
        let told = statuses(&scratch).iter().filter(|row| row.ends_with("failed")).count();
        assert_eq!(told, failed, "{name} {shown}: {:?}", statuses(&scratch));
    }
}
