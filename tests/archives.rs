//! Pages that come packed or many in a file: the same text as from files of their own, whatever is wrong beside them.

mod program;

use std::fs;
use std::io::{Read, Write};
use std::process::{Output, Stdio};

use program::{Scratch, dechaff, files};
use serde_json::{Value, json};

/// An article that nothing is wrong with, and what stands around it.
fn page(number: usize) -> String {
    format!(
        "Home\nNews\nHarbour\nLog in\n\nFerry number {number} leaves at nine\n\n\
         The ferry to island number {number} left at nine sharp on Monday, a full three minutes after the last passenger \
         had taken her seat and the gulls had lost interest in the whole affair.\n\n\
         Captain Moss of ferry {number} said that he had waited for the “post”, which came by bicycle and was wet.\n\n\
         Share this\nNo comments:\n"
    )
}

fn url(number: usize) -> String {
    format!("https://www.harbourpost.example/ferries/{number}")
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(bytes.as_ref(), 3).unwrap()
}

fn bzip2(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = Vec::new();
    bzip2::read::BzEncoder::new(bytes.as_ref(), bzip2::Compression::fast()).read_to_end(&mut packed).unwrap();
    packed
}

fn xz(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = Vec::new();
    liblzma::read::XzEncoder::new(bytes.as_ref(), 6).read_to_end(&mut packed).unwrap();
    packed
}

fn json_line(number: usize) -> String {
    json!({ "id": format!("ferry-{number}"), "text": page(number), "url": url(number) }).to_string() + "\n"
}

fn warc_record(kind: &str, number: usize, content_type: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:ferry-{number}>\r\nWARC-Date: 2024-03-01T09:00:00Z\r\n\
         WARC-Target-URI: {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        url(number),
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn response(number: usize, head: &str, body: &[u8]) -> Vec<u8> {
    let block = [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat();
    warc_record("response", number, "application/http; msgtype=response", &block)
}

fn plain(number: usize) -> Vec<u8> {
    response(number, "200 OK\r\nContent-Type: text/plain; charset=utf-8", page(number).as_bytes())
}

/// The texts of three pages, as files give them.
fn expected() -> Vec<String> {
    let scratch = Scratch::new();
    for number in 0..3 {
        scratch.page(&format!("{number}.txt"), page(number));
        scratch.page(&format!("{number}.txt.meta.json"), json!({ "url": url(number) }).to_string());
    }
    scratch.expect(0, &[]);
    let texts: Vec<String> = (0..3).map(|number| scratch.cleaned(&format!("{number}.txt"))).collect();
    assert!(texts[0].contains("Captain Moss") && !texts[0].contains("Share this"), "{}", texts[0]);
    texts
}

/// The rows with a place, as `path#record`, and their status.
fn statuses(scratch: &Scratch) -> Vec<(String, String)> {
    let mut rows: Vec<(u64, String, String)> = scratch
        .rows()
        .into_iter()
        .map(|(name, row)| (row["record"].as_u64().unwrap_or(0), name, row["status"].as_str().unwrap().to_string()))
        .collect();
    rows.sort();
    rows.into_iter().map(|(_, name, status)| (name, status)).collect()
}

fn why(scratch: &Scratch, name: &str) -> String {
    scratch.row(name)["reason"].as_str().unwrap_or_default().to_string()
}

/// The lines of all shards.
fn shards(scratch: &Scratch) -> Vec<Value> {
    let shards = files(&scratch.clean).into_iter().filter(|(name, _)| name.to_string_lossy().starts_with("part-"));
    let text: String =
        shards.map(|(_, bytes)| String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap()).collect();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn filter(input: &[u8], more: &[&str]) -> Output {
    let mut child = dechaff()
        .arg("--jsonl")
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

#[test]
fn a_page_gives_the_same_text_in_every_packing() {
    let expected = expected();
    let scratch = Scratch::new();
    let packed = [("a.txt.gz", gzip(page(0))), ("b.txt.zst", zstd(page(0))), ("c.txt.bz2", bzip2(page(0)))];
    for (name, bytes) in packed.into_iter().chain([("d.txt.xz", xz(page(0))), ("e", gzip(page(0)))]) {
        scratch.page(&format!("www.harbourpost.example/{name}"), bytes);
    }
    let halves = page(0);
    let (one, other) = halves.split_at(100);
    scratch.page("www.harbourpost.example/f.txt.gz", [gzip(one), gzip(other), vec![0; 512]].concat());
    scratch.expect(0, &[]);
    for name in ["a", "b", "c", "d", "e", "f"] {
        assert_eq!(scratch.cleaned(&format!("www.harbourpost.example/{name}.txt")), expected[0], "{name}");
    }
}

#[test]
fn records_give_the_texts_of_files_whatever_holds_them() {
    let expected = expected();
    let lines: String = (0..3).map(json_line).collect();
    let wet: Vec<Vec<u8>> = (0..3).map(|n| warc_record("conversion", n, "text/plain", page(n).as_bytes())).collect();
    let warc: Vec<Vec<u8>> = (0..3).map(plain).collect();
    let members = |records: &[Vec<u8>]| records.iter().flat_map(gzip).collect::<Vec<u8>>();
    let archives: [(&str, Vec<u8>); 13] = [
        ("a.jsonl", lines.clone().into()),
        ("b.jsonl.gz", gzip(&lines)),
        ("c.jsonl.zst", zstd(&lines)),
        ("d.jsonl.bz2", bzip2(&lines)),
        ("e.json.gz", gzip(&lines)),
        ("f.jsonl.xz", xz(lines.trim_end().replace('\n', "\r\n\r\n"))),
        ("g.warc", warc.concat()),
        ("h.warc.gz", members(&warc)),
        ("i.warc.gz", gzip(warc.concat())),
        ("j.warc.zst", warc.iter().flat_map(zstd).collect()),
        ("k.warc.wet.gz", members(&wet)),
        ("l", wet.concat()),
        ("m.jsonl.gz", (0..3).flat_map(|number| gzip(json_line(number))).collect()),
    ];
    for (name, bytes) in archives {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &["--strict"]);
        for (number, expected) in expected.iter().enumerate() {
            assert_eq!(scratch.cleaned(&format!("{name}/ferry-{number}.txt")), *expected, "{name} {number}");
        }
        for row in scratch.rows().values() {
            assert_eq!((&row["site"], &row["site_source"]), (&json!("www.harbourpost.example"), &json!("url")));
            assert!(row["url"].as_str().unwrap().starts_with("https://www.harbourpost.example/ferries/"), "{row}");
        }
    }
}

#[test]
fn a_record_is_addressed_by_its_line_or_by_the_byte_that_it_can_be_read_from() {
    let warc: Vec<Vec<u8>> = (0..3).map(plain).collect();
    let members: Vec<Vec<u8>> = warc.iter().map(gzip).collect();
    let offsets = |records: &[Vec<u8>]| vec![0, records[0].len(), records[0].len() + records[1].len()];
    for (name, bytes, records) in [
        ("a.jsonl", [json_line(0), "\n".into(), json_line(1), json_line(2)].concat().into_bytes(), vec![1, 3, 4]),
        ("a.warc", warc.concat(), offsets(&warc)),
        ("a.warc.gz", members.concat(), offsets(&members)),
        ("b.warc.gz", gzip(warc.concat()), offsets(&warc)),
    ] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &[]);
        let named: Vec<String> = statuses(&scratch).into_iter().map(|(name, _)| name).collect();
        assert_eq!(named, records.iter().map(|record| format!("{name}#{record}")).collect::<Vec<_>>());
    }
}

#[test]
fn responses_are_read_as_they_were_sent() {
    let expected = expected();
    let (text, chunked) = (page(0), |body: &[u8]| {
        let chunks =
            body.chunks(77).map(|chunk| [format!("{:x};x=y\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        [chunks.collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat()
    });
    let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    deflated.write_all(text.as_bytes()).unwrap();
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    raw.write_all(text.as_bytes()).unwrap();
    let sent = [
        ("200 OK\r\nTransfer-Encoding: chunked", chunked(text.as_bytes())),
        ("200 OK\r\nTransfer-Encoding: chunked", text.clone().into_bytes()),
        ("200 OK\r\nContent-Encoding: gzip", gzip(&text)),
        ("200 OK\r\nContent-Encoding: GZIP", text.clone().into_bytes()),
        ("200 OK\r\nContent-Encoding: gzip\r\ntransfer-encoding: chunked", chunked(&gzip(&text))),
        ("200 OK\r\nContent-Encoding: deflate", deflated.finish().unwrap()),
        ("200 OK\r\nContent-Encoding: deflate", raw.finish().unwrap()),
        ("200 OK\r\nContent-Encoding: zstd", zstd(&text)),
        (
            "200 OK\r\nContent-Type: TEXT/PLAIN; charset=\"windows-1252\"",
            encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        ),
    ];
    for (head, body) in sent {
        let scratch = Scratch::new();
        scratch.page("a.warc.gz", gzip(response(0, head, &body)));
        scratch.expect(0, &[]);
        assert_eq!(scratch.cleaned("a.warc.gz/ferry-0.txt"), expected[0], "{head}");
    }
}

#[test]
fn records_without_a_page_are_told_and_passed_over() {
    let scratch = Scratch::new();
    let records = [
        warc_record("warcinfo", 7, "application/warc-fields", b"software: by hand\r\n"),
        warc_record("request", 0, "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
        plain(0),
        warc_record("metadata", 0, "application/warc-fields", b"fetchTimeMs: 9\r\n"),
        response(1, "404 Not Found\r\nContent-Type: text/plain", page(1).as_bytes()),
        response(2, "200 OK\r\nContent-Type: image/png", b"\x89PNG\r\n\x1a\n"),
    ];
    scratch.page("a.warc.gz", records.iter().flat_map(gzip).collect::<Vec<u8>>());
    let said = scratch.expect(0, &[]);
    let rows = scratch.rows();
    let whys: Vec<&str> = rows.values().filter_map(|row| row["reason"].as_str()).collect();
    for expected in [
        "a WARC record of the type warcinfo",
        "a WARC record of the type request",
        "a WARC record of the type metadata",
        "a response of the status 404",
        "a response of the type image/png",
    ] {
        assert!(whys.contains(&expected), "{expected}: {whys:?}");
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert_eq!(rows.len(), 6);
}

#[test]
fn what_is_damaged_is_listed_with_its_place_and_the_next_record_is_read() {
    let warc: Vec<Vec<u8>> = (0..3).map(plain).collect();
    let members: Vec<Vec<u8>> = warc.iter().map(gzip).collect();
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 40].to_vec();
    let with_length = |change: i64| {
        let text = String::from_utf8(warc[1].clone()).unwrap();
        let length: i64 = text.split("Content-Length: ").nth(1).unwrap().split('\r').next().unwrap().parse().unwrap();
        text.replace(&format!("Content-Length: {length}"), &format!("Content-Length: {}", length + change)).into_bytes()
    };
    let mut flipped = members[1].clone();
    flipped[members[1].len() - 6] ^= 1;
    let line = json_line;
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("cut.warc.gz", [members[0].clone(), cut(&members[1]), members[2].clone()].concat(), "gzip is damaged at byte"),
        ("crc.warc.gz", [members[0].clone(), flipped, members[2].clone()].concat(), "check sum"),
        ("junk.warc.gz", [members[0].clone(), b"junk between".to_vec(), members[2].clone()].concat(), "no gzip"),
        ("short.warc", [warc[0].clone(), with_length(-50), warc[2].clone()].concat(), "its length is wrong"),
        ("long.warc", [warc[0].clone(), with_length(50), warc[2].clone()].concat(), "its length is wrong"),
        ("huge.warc", [warc[0].clone(), with_length(1 << 40), warc[2].clone()].concat(), "longer than"),
        (
            "short.warc.gz",
            [members[0].clone(), gzip(with_length(-50)), members[2].clone()].concat(),
            "its length is wrong",
        ),
        (
            "long.warc.gz",
            [members[0].clone(), gzip(with_length(9000)), members[2].clone()].concat(),
            "its length is wrong",
        ),
        (
            "noise.warc",
            [warc[0].clone(), b"noise of more than a few bytes\r\n".to_vec(), warc[2].clone()].concat(),
            "no WARC record begins here",
        ),
        ("bad.jsonl", [line(0), "{\"text\": \"cut\n".into(), line(2)].concat().into(), "not read as JSON"),
        ("latin.jsonl", [line(0).as_bytes(), b"{\"text\":\"caf\xe9\"}\n", line(2).as_bytes()].concat(), "not UTF-8"),
        ("other.jsonl", [line(0), "{\"body\":\"x\"}\n".into(), line(2)].concat().into(), "no field `text`"),
    ];
    for (name, bytes, expected) in cases {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        let said = scratch.expect(1, &[]);
        let rows = scratch.rows();
        let failed: Vec<&Value> = rows.values().filter(|row| row["status"] == "failed").collect();
        assert_eq!(failed.len(), 1, "{name}: {failed:?}");
        let why = failed[0]["reason"].as_str().unwrap();
        assert!(why.contains(expected), "{name}: {why}");
        assert!(failed[0]["record"].is_u64() && said.contains(expected), "{name}: {said}");
        assert!(scratch.cleaned(&format!("{name}/ferry-2.txt")).contains("ferry 2"), "{name}");
        assert!(scratch.cleaned(&format!("{name}/ferry-0.txt")).contains("ferry 0"), "{name}");
        assert!(!scratch.clean.join(format!("{name}/ferry-1.txt")).exists(), "{name}");
    }
}

#[test]
fn a_file_that_ends_too_early_gives_what_came_before() {
    let lines: String = (0..3).map(json_line).collect();
    let packed = [("a.jsonl.gz", gzip(&lines)), ("b.jsonl.xz", xz(&lines)), ("c.jsonl.bz2", bzip2(&lines))];
    for (name, bytes) in packed {
        let scratch = Scratch::new();
        scratch.page(name, &bytes[..bytes.len() - 9]).page("page.txt.gz", &gzip(page(0))[..200]);
        scratch.expect(1, &[]);
        assert!(why(&scratch, "page.txt.gz").contains("cut short"), "{name}");
        assert!(scratch.rows().values().any(|row| row["path"] == name && row["status"] == "failed"), "{name}");
    }
    let scratch = Scratch::new();
    let warc = [plain(0), plain(1)].concat();
    scratch.page("a.warc", &warc[..warc.len() - 100]);
    scratch.expect(1, &[]);
    assert!(scratch.cleaned("a.warc/ferry-0.txt").contains("ferry 0"));
}

#[test]
fn bombs_and_records_beyond_the_bounds_are_passed_over() {
    let bomb = format!("{{\"id\":\"bomb\",\"text\":\"{}\"}}\n", " ".repeat(50 << 20));
    let warc_bomb = response(1, "200 OK\r\nContent-Type: text/plain", &vec![b' '; 50 << 20]);
    let body_bomb = response(1, "200 OK\r\nContent-Encoding: gzip", &gzip(vec![b'a'; 50 << 20]));
    let long = json!({ "id": "long", "text": "A long text. ".repeat(2000) }).to_string() + "\n";
    let cases: [(&str, Vec<u8>, &[&str], &str); 7] = [
        ("a.jsonl.gz", [gzip(json_line(0)), gzip(&bomb), gzip(json_line(2))].concat(), &[], "compression bombs"),
        ("b.jsonl.zst", [zstd(json_line(0)), zstd(&bomb), zstd(json_line(2))].concat(), &[], "compression bombs"),
        ("c.warc.gz", [gzip(plain(0)), gzip(warc_bomb), gzip(plain(2))].concat(), &[], "compression bombs"),
        ("d.warc", [plain(0), body_bomb, plain(2)].concat(), &[], "compression bombs"),
        ("e.jsonl", [json_line(0), long.clone(), json_line(2)].concat().into(), &["--max-record", "8K"], "8192 bytes"),
        (
            "f.jsonl.gz",
            gzip([json_line(0), bomb.clone(), json_line(2)].concat()),
            &["--max-ratio", "9999", "--max-record", "1M"],
            "1048576 bytes",
        ),
        (
            "g.warc.gz",
            gzip([plain(0), response(1, "200 OK", long.as_bytes()), plain(2)].concat()),
            &["--max-record", "8K"],
            "8192 bytes",
        ),
    ];
    for (name, bytes, more, expected) in cases {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        let said = scratch.expect(1, more);
        assert!(said.contains(expected) && said.contains("allows more"), "{name}: {said}");
        for id in ["ferry-0", "ferry-2"] {
            assert!(scratch.clean.join(format!("{name}/{id}.txt")).exists(), "{name} {id}: {:?}", statuses(&scratch));
        }
    }
    let scratch = Scratch::new();
    scratch.page("page.txt.gz", gzip(" ".repeat(50 << 20)));
    scratch.expect(1, &[]);
    assert!(why(&scratch, "page.txt.gz").contains("compression bombs"));
}

#[test]
fn a_record_that_cannot_be_called_anything_is_refused_with_the_advice_and_nothing_is_written_outside() {
    let scratch = Scratch::new();
    let named = |id: Value| json!({ "id": id, "text": page(0) }).to_string() + "\n";
    let lines = [
        named(json!("../../escaped")),
        named(json!("/tmp/escaped")),
        named(Value::Null),
        named(json!(17)),
        named(json!("17.txt")),
    ];
    scratch.page("a.jsonl", lines.concat());
    let before = files(scratch.home.path()).len();
    let said = scratch.expect(1, &[]);
    assert!(said.contains("--output jsonl"), "{said}");
    let statuses: Vec<String> = statuses(&scratch).into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, ["failed", "failed", "failed", "cleaned", "cleaned"]);
    assert_eq!(files(&scratch.clean).len(), 3);
    assert_eq!(files(scratch.home.path()).len(), before + 3, "the texts and the manifest");
    scratch.expect(0, &["--output", "jsonl"]);
    assert_eq!(shards(&scratch).len(), 5);
    assert!(!scratch.clean.join("a.jsonl").exists(), "the text of the first run is gone");
    assert_eq!(files(scratch.home.path()).len(), before + 2, "the shard and the manifest");
}

#[test]
fn shards_pass_fields_through_byte_for_byte() {
    let scratch = Scratch::new();
    let line = format!(
        "{{\"score\": 1.50e+3, \"text\": {}, \"id\": \"ferry-0\",\"tags\":[ \"a\" , null],\"big\":123456789012345678901234567890, \
         \"added\":\"2024-03-01\",\"metadata\":{{\"url\":\"{}\", \"n\" : {{}}}}}}",
        json!(page(0)),
        url(0)
    );
    scratch.page("a.jsonl.gz", gzip(&line));
    scratch.expect(0, &["--output", "jsonl"]);
    let shard = fs::read(scratch.clean.join("part-00000.jsonl.zst")).unwrap();
    let shard = String::from_utf8(zstd::decode_all(&shard[..]).unwrap()).unwrap();
    for field in [
        "\"score\":1.50e+3,",
        "\"tags\":[ \"a\" , null],",
        "\"big\":123456789012345678901234567890,",
        "\"added\":\"2024-03-01\",",
        &format!("\"metadata\":{{\"url\":\"{}\", \"n\" : {{}}}}", url(0)),
        "\"source\":\"a.jsonl.gz\"",
    ] {
        assert!(shard.contains(field), "{field} in {shard}");
    }
    let value: Value = serde_json::from_str(&shard).unwrap();
    assert_eq!(value["text"], expected()[0]);
    let row = scratch.row("a.jsonl.gz#1");
    assert_eq!(row["site"], "www.harbourpost.example", "the URL among the metadata counts");
    assert_eq!((&row["output"]["path"], &row["output"]["line"]), (&json!("part-00000.jsonl.zst"), &json!(1)));
}

#[test]
fn shards_are_in_the_layout_of_dolma_wherever_a_page_came_from() {
    let scratch = Scratch::new();
    scratch.page("crawl.warc.gz", gzip(plain(0))).page("www.harbourpost.example/1.txt", page(1));
    scratch.page("lines.jsonl", json!({ "raw_content": page(2), "url": url(2) }).to_string());
    scratch.expect(0, &["--output", "jsonl"]);
    let lines = shards(&scratch);
    let expected = expected();
    let of = |source: &str| lines.iter().find(|line| line["source"] == source).unwrap().clone();
    let (warc, file, line) = (of("crawl.warc.gz"), of("www.harbourpost.example/1.txt"), of("lines.jsonl"));
    assert_eq!((&warc["id"], &warc["created"]), (&json!("<urn:uuid:ferry-0>"), &json!("2024-03-01T09:00:00Z")));
    assert_eq!(warc["metadata"], json!({ "url": url(0), "site": "www.harbourpost.example", "language": "eng" }));
    assert_eq!((&file["id"], &line["id"]), (&json!("www.harbourpost.example/1.txt"), &json!("lines.jsonl#1")));
    for (value, text) in [warc, file, line].iter().zip(&expected) {
        assert_eq!(value["text"], *text);
    }
}

#[test]
fn shards_are_of_the_size_asked_for_and_do_not_depend_on_threads() {
    let run = |threads: &str| {
        let scratch = Scratch::new();
        scratch.page("a.jsonl.zst", zstd((0..200).map(json_line).collect::<String>()));
        scratch.page("b.warc.gz", (0..100).flat_map(|number| gzip(plain(number))).collect::<Vec<u8>>());
        scratch.expect(0, &["--output", "jsonl", "--shard-size", "32K", "--threads", threads]);
        (files(&scratch.clean), scratch)
    };
    let ((one, scratch), (many, _)) = (run("1"), run("4"));
    assert_eq!(one, many);
    assert!(one.len() > 4, "{:?}", one.keys());
    let ids: Vec<Value> = shards(&scratch).iter().map(|line| line["id"].clone()).collect();
    let lines = (0..200).map(|number| json!(format!("ferry-{number}")));
    let responses = (0..100).map(|number| json!(format!("<urn:uuid:ferry-{number}>")));
    assert_eq!(ids, lines.chain(responses).collect::<Vec<_>>());

    fs::remove_file(scratch.raw.join("a.jsonl.zst")).unwrap();
    let said = scratch.expect(0, &["--output", "jsonl"]);
    assert!(said.contains("200  stay though their pages are gone"), "{said}");
    assert_eq!(shards(&scratch).len(), 300);
    scratch.expect(0, &["--output", "jsonl", "--prune"]);
    assert_eq!(files(&scratch.clean).len(), 2, "one shard and the manifest: those that are no longer written are gone");
    scratch.expect(0, &[]);
    assert!(!scratch.clean.join("part-00000.jsonl.zst").exists(), "texts take the place of shards");
}

#[test]
fn a_shard_that_no_run_wrote_is_left_alone() {
    let scratch = Scratch::new();
    scratch.page("a.jsonl", json_line(0));
    fs::create_dir(&scratch.clean).unwrap();
    fs::write(scratch.clean.join("part-00000.jsonl.zst"), "somebody's own").unwrap();
    let said = scratch.expect(1, &["--output", "jsonl"]);
    assert!(said.contains("no run of dechaff is known to have written it"), "{said}");
    assert_eq!(scratch.cleaned("part-00000.jsonl.zst"), "somebody's own");
}

#[test]
fn the_filter_writes_records_in_their_order_and_tells_of_the_rest() {
    let mut input: String = (0..300).map(json_line).collect();
    input.insert_str(0, "{\"text\": 1}\n");
    let output = filter(zstd(input).as_slice(), &["--threads", "4"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("dechaff: -#1: not read as JSON:"), "{said}");
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, (0..300).map(|number| format!("ferry-{number}")).collect::<Vec<_>>());
    assert_eq!(lines[0]["text"], expected()[0]);

    let output = filter(&gzip(plain(0)), &[]);
    assert_eq!(output.status.code(), Some(0));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["id"], &line["source"]), (&json!("<urn:uuid:ferry-0>"), &json!("-")));
    assert_eq!(filter(b"", &[]).status.code(), Some(0));
    assert_eq!(filter(b"", &["raw"]).status.code(), Some(2));
}

#[test]
fn one_page_from_stdin_may_be_packed_and_many_are_told_where_to_go() {
    let run = |input: &[u8]| {
        let mut child =
            dechaff().arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = run(&gzip(page(0)));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Captain Moss"));
    let output = run(json_line(0).as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("dechaff --jsonl"));
}

#[test]
fn the_parts_of_a_folder_cover_it_once() {
    let scratch = Scratch::new();
    for number in 0..40 {
        scratch.page(&format!("{number:02}.txt"), page(number));
    }
    scratch.expect(0, &[]);
    let all: Vec<String> = scratch.rows().into_keys().collect();
    let part = |part: &str| {
        let clean = scratch.home.path().join(part.replace('/', "-"));
        let status = dechaff().arg(&scratch.raw).arg(&clean).args(["--quiet", "--partition", part]).status().unwrap();
        assert_eq!(status.code(), Some(0));
        program::rows(&clean).into_keys().collect::<Vec<String>>()
    };
    let parts = ["1/3", "2/3", "3/3"].map(part);
    assert!(parts.iter().all(|part| part.len() > 5), "{parts:?}");
    let mut covered = parts.concat();
    covered.sort();
    assert_eq!(covered, all);
    assert_eq!(part("0/3"), parts[2], "an array that counts from 0 covers it too");
    for wrong in ["4/3", "1/0", "x/3", "3"] {
        assert!(scratch.expect(2, &["--partition", wrong]).contains("expected I/N"), "{wrong}");
    }
}

#[test]
fn a_file_without_a_record_and_a_manifest_have_a_row_of_their_own() {
    let scratch = Scratch::new();
    scratch.page("a.jsonl", "\n\n").page("b.jsonl.gz", gzip("")).page("c.warc.gz", gzip("\r\n"));
    scratch.page("manifest.jsonl", "{\"manifest\":1,\"dechaff\":\"0.1.0\",\"rules\":\"\",\"options\":[]}\n");
    scratch.page("data.json", "{\n  \"name\": \"pretty\"\n}\n");
    scratch.expect(0, &[]);
    let rows = scratch.rows();
    for name in ["a.jsonl", "b.jsonl.gz", "c.warc.gz"] {
        assert_eq!(rows[name]["status"], "blank", "{name}");
    }
    assert_eq!(rows["manifest.jsonl"]["reason"], "JSON lines without pages");
    assert!(rows["data.json"]["reason"].as_str().unwrap().starts_with("JSON without pages"));
}

#[test]
fn fields_of_other_names_are_read_where_they_are_named() {
    let scratch = Scratch::new();
    let line = json!({ "body": page(0), "key": 5, "link": url(0), "text": "not this" });
    scratch.page("a.jsonl", line.to_string());
    scratch.expect(0, &["--text-field", "body", "--id-field", "key", "--url-field", "link"]);
    assert_eq!(scratch.cleaned("a.jsonl/5.txt"), expected()[0]);
    let header = fs::read_to_string(scratch.clean.join("manifest.jsonl")).unwrap();
    assert!(header.lines().next().unwrap().contains("--text-field=body"), "{header}");
}

#[test]
fn a_shard_is_verified_whatever_field_its_texts_stand_in() {
    let scratch = Scratch::new();
    let line = |number: usize| json!({ "id": number.to_string(), "body": page(number) }).to_string() + "\n";
    scratch.page("a.jsonl", (0..3).map(line).collect::<String>());
    scratch.expect(0, &["--text-field", "body", "--output", "jsonl"]);
    let verify = || {
        let output = dechaff().arg("verify").arg(&scratch.clean).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(verify(), (Some(0), "3 outputs are what the manifest says\n".into()));
    let shard = scratch.clean.join("part-00000.jsonl.zst");
    let text = String::from_utf8(zstd::decode_all(&fs::read(&shard).unwrap()[..]).unwrap()).unwrap();
    fs::write(&shard, zstd(text.replacen("ferry 1", "ferry 7", 1))).unwrap();
    let (code, said) = verify();
    assert!(code == Some(1) && said.contains("part-00000.jsonl.zst:2 is not the text of a.jsonl#2"), "{said}");
}

#[test]
fn what_a_site_repeats_is_found_in_archives_too() {
    let texts = |scratch: &Scratch, name: &dyn Fn(usize) -> String| {
        scratch.expect(0, &[]);
        (0..12).map(|number| scratch.cleaned(&name(number))).collect::<Vec<_>>()
    };
    // Pages whose prose differs in numbers alone would be copies, of which a survey looks at one.
    const BIRDS: [&str; 12] =
        ["gulls", "terns", "geese", "ducks", "swans", "crows", "rooks", "owls", "herons", "plovers", "puffins", "auks"];
    let page = |number: usize| {
        let page = page(number).replace("Share this\n", "The tide table of our harbour hangs behind the counter\n");
        page.replace("gulls", BIRDS[number]).replace("which came by", &format!("which {} brought by", BIRDS[number]))
    };
    let line = |number| json!({ "id": number, "text": page(number), "url": url(number) }).to_string() + "\n";
    let of_files = Scratch::new();
    let (lines, mixed) = (Scratch::new(), Scratch::new());
    for number in 0..12 {
        of_files.page(&format!("www.harbourpost.example/{number}.txt"), page(number));
    }
    lines.page("a.jsonl.gz", gzip((0..12).map(line).collect::<String>()));
    mixed.page("a.jsonl.gz", gzip((0..4).map(line).collect::<String>()));
    mixed.page("b.jsonl", (4..8).map(line).collect::<String>());
    for number in 8..12 {
        mixed.page(&format!("www.harbourpost.example/{number}.txt.gz"), gzip(page(number)));
    }
    let expected = texts(&of_files, &|number| format!("www.harbourpost.example/{number}.txt"));
    assert!(!expected[0].contains("tide table"), "{}", expected[0]);
    assert_eq!(texts(&lines, &|number| format!("a.jsonl.gz/{number}.txt")), expected);
    let place = |number| match number {
        0..4 => format!("a.jsonl.gz/{number}.txt"),
        4..8 => format!("b.jsonl/{number}.txt"),
        _ => format!("www.harbourpost.example/{number}.txt"),
    };
    assert_eq!(texts(&mixed, &place), expected);
}

#[test]
fn a_record_is_explained_by_its_address() {
    let scratch = Scratch::new();
    let members = [gzip(plain(0)), gzip(plain(1))];
    scratch.page("a.warc.gz", members.concat()).page("page.txt.gz", gzip(page(3)));
    let explain = |name: &str| {
        let output = dechaff().arg("explain").arg(scratch.raw.join(name)).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, said) = explain(&format!("a.warc.gz#{}", members[0].len()));
    assert!(code == Some(0) && said.contains("Ferry number 1") && said.contains("general/share"), "{said}");
    let (code, said) = explain("page.txt.gz");
    assert!(code == Some(0) && said.contains("Ferry number 3"), "{said}");
    let (code, said) = explain("a.warc.gz");
    assert!(code == Some(2) && said.contains("a.warc.gz#0"), "{said}");
    assert_eq!(explain("a.warc.gz#17").0, Some(2));
}

#[test]
fn a_long_record_behind_another_is_no_bomb() {
    let scratch = Scratch::new();
    let mut state = 1_u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{:x} ", state >> 12)
    };
    let long: String = (0..700_000).map(|_| word()).collect();
    let line = |number: usize| json!({ "id": number, "text": format!("{}\n{long}", page(number)) }).to_string() + "\n";
    scratch.page("a.jsonl.gz", gzip((0..4).map(line).collect::<String>()));
    scratch.expect(0, &["--output", "jsonl", "--max-ratio", "50", "--no-model"]);
    assert_eq!(shards(&scratch).len(), 4);
}

#[test]
fn each_row_of_csv_is_a_document_and_its_other_columns_are_passed_through() {
    let scratch = Scratch::new();
    let quoted = |number: usize| page(number).replace('"', "\"\"");
    let file =
        format!("id,url,text,score\nferry-0,{},\"{}\",0.5\nferry-1,,\"{}\",7\nferry-2\n", url(0), quoted(0), quoted(1));
    scratch.page("ferries.csv.gz", gzip(file));
    scratch.expect(1, &["--output", "jsonl"]);
    let rows = scratch.rows();
    let row = |number: usize| &rows[&format!("ferries.csv.gz#{number}")];
    let statuses: Vec<_> = (1..4).map(|number| row(number)["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["cleaned", "cleaned", "failed"]);
    assert_eq!((row(1)["id"].as_str(), row(1)["site"].as_str()), (Some("ferry-0"), Some("www.harbourpost.example")));
    assert!(row(3).to_string().contains("the row has 1 of 4 columns"), "{}", row(3));
    let shard = zstd::decode_all(&fs::read(scratch.clean.join("part-00000.jsonl.zst")).unwrap()[..]).unwrap();
    let lines = String::from_utf8(shard).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = expected();
    for (number, score) in ["0.5", "7"].into_iter().enumerate() {
        assert_eq!(lines[number]["text"].as_str().unwrap(), expected[number]);
        assert_eq!(lines[number]["score"], score);
    }
}

#[test]
fn a_table_without_the_column_says_which_columns_there_are() {
    let scratch = Scratch::new();
    scratch.page("ferries.tsv", format!("name\tbody\n1\t\"{}\"\n", page(0)));
    let said = scratch.expect(1, &[]);
    assert!(
        said.contains("no column `text`") && said.contains("`name`, `body`") && said.contains("--text-field"),
        "{said}"
    );
    scratch.expect(0, &["--text-field", "body", "--id-field", "name"]);
    assert_eq!(scratch.cleaned("ferries.tsv/1.txt"), expected()[0]);
}

#[test]
fn a_record_of_a_draft_of_warc_is_found_behind_a_bad_one() {
    let scratch = Scratch::new();
    let draft = |number: usize, length: usize| {
        let block = [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", page(number).as_bytes()].concat();
        let head = format!(
            "WARC/0.18\r\nWARC-Type: response\r\nWARC-Target-URI: {}\r\nContent-Type: application/http\r\n\
             Content-Length: {}\r\n\r\n",
            url(number),
            block.len() + length
        );
        [head.as_bytes(), &block, b"\r\n\r\n"].concat()
    };
    // The second says that it is longer than the rest of the file.
    scratch.page("a.warc", [draft(0, 0), draft(1, 100_000), draft(2, 0)].concat());
    let said = scratch.expect(1, &["--no-model"]);
    let read: Vec<String> = statuses(&scratch).into_iter().map(|(_, status)| status).collect();
    assert_eq!(read, ["cleaned", "failed", "cleaned"], "{said}");
}

#[test]
fn records_between_bad_ones_are_read_and_each_is_called_after_the_byte_that_it_begins_at() {
    let scratch = Scratch::new();
    let with_length = |number: usize, more: i64| {
        let record = String::from_utf8(plain(number)).unwrap();
        let (before, rest) = record.split_once("Content-Length: ").unwrap();
        let (length, rest) = rest.split_once("\r\n").unwrap();
        format!("{before}Content-Length: {}\r\n{rest}", length.parse::<i64>().unwrap() + more).into_bytes()
    };
    let headless = b"WARC/1.0\r\nWARC-Type: response\r\n".repeat(3);
    // Too long for the file, a little too long, too short with many line ends behind it, without the end of a head.
    let bad = [
        with_length(1, 1 << 20),
        with_length(1, 40),
        [with_length(1, -2), b"\r\n".repeat(40)].concat(),
        headless.clone(),
    ];
    let mut archive = plain(0);
    for round in 0..40 {
        archive.extend(&bad[round % 4]);
        archive.extend(&bad[(round / 4) % 4]);
        archive.extend(plain(2));
    }
    archive.extend(headless);
    scratch.page("a.warc", &archive);
    scratch.expect(1, &["--no-model", "--no-survey"]);
    let manifest = std::fs::read_to_string(scratch.clean.join("manifest.jsonl")).unwrap();
    let rows: Vec<Value> = manifest.lines().skip(1).map(|row| serde_json::from_str(row).unwrap()).collect();
    for row in &rows {
        let at = row["record"].as_u64().unwrap() as usize;
        assert!(archive[at..].starts_with(b"WARC/"), "{row}");
        let is_bad = row["status"] == "failed";
        assert_eq!(
            is_bad,
            row["reason"].as_str().is_some_and(|why| why.contains("length") || why.contains("head")),
            "{row}"
        );
    }
    let good = |row: &&Value| row["status"] == "cleaned" && row["url"] != url(1);
    assert_eq!(rows.iter().filter(good).count(), 41);
}

#[test]
fn a_resource_of_warc_is_a_page_where_its_type_is_one() {
    let scratch = Scratch::new();
    let resources = [
        warc_record("resource", 0, "text/plain; charset=utf-8", page(0).as_bytes()),
        warc_record("resource", 1, "image/png", b"\x89PNG\r\n\x1A\n"),
        warc_record(
            "resource",
            2,
            "text/html; charset=windows-1252",
            b"<p>Caf\xE9 at the quay, open until the ferry leaves at nine.",
        ),
    ];
    scratch.page("a.warc", resources.concat());
    scratch.expect(0, &["--no-model"]);
    let rows = statuses(&scratch);
    assert_eq!((rows[0].1.as_str(), rows[1].1.as_str()), ("cleaned", "skipped"), "{rows:?}");
    assert!(why(&scratch, &rows[1].0).contains("image/png"));
    let row = scratch.row(&rows[2].0);
    assert_eq!(row["charset"]["name"], "windows-1252");
    assert!(scratch.cleaned(row["output"]["path"].as_str().unwrap()).contains("Café"), "{row}");
}
