//! How fast archives are read, and what cleaning them costs beside the same pages as files:
//! `cargo bench --bench formats [-- FILE…]`.
//!
//! Archives that it makes up, of pages in words drawn at random, which pack as text does (3 : 1); and those given.
//! Reading is unpacking and dividing; what unpacking alone takes stands beside it. One thread, the best of five runs.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fs;
use std::hint::black_box;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dechaff::internals::read::ReadOptions;
use dechaff::internals::read::archive::{self, Opened};

/// Pages of an archive that is made up, 16 kB each.
const PAGES: usize = 1500;

/// How often an archive is read in one run: Linux counts CPU time in steps of some milliseconds.
const TIMES: u32 = 10;

fn main() {
    let pages: Vec<String> = (0..PAGES).map(page).collect();
    let lines: String = pages.iter().enumerate().map(|(number, page)| line(number, page)).collect();
    let warc: Vec<Vec<u8>> = pages.iter().enumerate().map(|(number, page)| record(number, page)).collect();
    println!(
        "{:<24} {:>8} {:>8} {:>14} {:>14} {:>7} {:>14}",
        "archive", "MB", "packed", "unpack MB/s", "read MB/s", "ratio", "opened MB/s"
    );
    measure("made-up.warc.gz", warc.iter().flat_map(|record| gzip(record)).collect());
    measure("one-member.warc.gz", gzip(&warc.concat()));
    measure("made-up.jsonl", lines.clone().into_bytes());
    measure("made-up.jsonl.gz", gzip(lines.as_bytes()));
    measure("made-up.jsonl.zst", zstd(lines.as_bytes()));
    for file in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        measure(&file, bytes);
    }
    whole_program(&pages, lines.as_bytes());
}

/// Prints what unpacking, reading and opening an archive take.
fn measure(name: &str, bytes: Vec<u8>) {
    let best = |work: &dyn Fn(Box<dyn Read + Send>) -> u64| {
        let runs = (0..5).map(|_| {
            let sources: Vec<_> = (0..TIMES).map(|_| Box::new(Cursor::new(bytes.clone()))).collect();
            let before = thread_cpu();
            let unpacked: u64 = sources.into_iter().map(|source| black_box(work(source))).sum();
            ((thread_cpu() - before) / f64::from(TIMES), unpacked / u64::from(TIMES))
        });
        runs.min_by(|a, b| a.0.total_cmp(&b.0)).expect("there were runs")
    };
    let (bare, unpacked) = best(&|source| bare(name, source));
    let (read, _) = best(&|source| records(name, source, false));
    let (opened, _) = best(&|source| records(name, source, true));
    let megabytes = unpacked as f64 / 1e6;
    println!(
        "{name:<24} {megabytes:>8.1} {:>8.1} {:>14.0} {:>14.0} {:>7.2} {:>14.0}",
        bytes.len() as f64 / 1e6,
        megabytes / bare,
        megabytes / read,
        bare / read,
        megabytes / opened
    );
}

/// CPU seconds of this thread, as Linux counts them: what else a machine does is not in them.
fn thread_cpu() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).expect("a number") / 1e9
}

/// Unpacks with nothing but the library, as whoever needs no records would.
fn bare(name: &str, source: Box<dyn Read + Send>) -> u64 {
    let mut buffer = vec![0; 64 << 10];
    let mut reader: Box<dyn Read> = match name.rsplit('.').next() {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(source)),
        Some("zst") => Box::new(zstd::stream::read::Decoder::new(source).expect("Zstandard starts")),
        _ => source,
    };
    let mut bytes = 0;
    loop {
        match reader.read(&mut buffer).expect("the archive is whole") {
            0 => return bytes,
            read => bytes += black_box(read) as u64,
        }
    }
}

/// Reads all records, and opens them, if that is asked for.
fn records(name: &str, source: Box<dyn Read + Send>, opens: bool) -> u64 {
    let opened = archive::open(name, source, &ReadOptions::default()).expect("it can be read");
    let Opened::Records(archive) = opened else { panic!("{name} holds no records") };
    let mut bytes = 0;
    for record in archive {
        bytes += match opens {
            true => record.matter.open(&ReadOptions::default()).map_or(0, |leaf| leaf.bytes.len() as u64),
            false => black_box(record.matter.bytes()),
        };
    }
    bytes
}

/// Cleans the pages as files and as records, and prints the CPU time of each.
fn whole_program(pages: &[String], lines: &[u8]) {
    let scratch = tempfile::tempdir().expect("a scratch folder can be made");
    let (files, archive) = (scratch.path().join("files"), scratch.path().join("archive"));
    for folder in [&files, &archive] {
        fs::create_dir_all(folder.join("www.harbourpost.example")).expect("a folder can be made");
    }
    for (number, page) in pages.iter().enumerate() {
        fs::write(files.join(format!("www.harbourpost.example/{number}.txt")), page).expect("a page can be written");
    }
    fs::write(archive.join("a.jsonl.zst"), zstd(lines)).expect("an archive can be written");
    let of_files = cpu(&files, scratch.path(), &[]);
    println!("\ncleaning the same pages: {of_files:.2} s of CPU as files");
    for more in [&[][..], &["--output", "jsonl"]] {
        let of_records = cpu(&archive, scratch.path(), more);
        println!("  as JSONL.zst {more:?}: {of_records:.2} s, {:.2} of that", of_records / of_files);
    }
}

/// The least CPU time of three runs, user and system, in seconds.
fn cpu(raw: &Path, scratch: &Path, more: &[&str]) -> f64 {
    let clean: PathBuf = scratch.join("clean");
    let run = || {
        let _ = fs::remove_dir_all(&clean);
        let output = Command::new("/usr/bin/time")
            .args(["-f", "%U %S", env!("CARGO_BIN_EXE_dechaff"), "--quiet", "--threads", "1"])
            .args([raw, &clean])
            .args(more)
            .stdout(Stdio::null())
            .output()
            .expect("/usr/bin/time is there (Debian: apt-get install time)");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        said.split_whitespace().filter_map(|word| word.parse::<f64>().ok()).sum::<f64>()
    };
    (0..3).map(|_| run()).min_by(f64::total_cmp).expect("there were runs")
}

/// A page of words drawn at random; the same page for the same number.
fn page(number: usize) -> String {
    let mut state = number as u64 + 1;
    let mut draw = |of: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % of as u64) as usize
    };
    let syllables =
        ["ha", "ver", "mo", "lin", "ste", "gra", "tor", "ne", "bi", "quay", "so", "del", "fi", "rap", "um", "ke"];
    let mut text = String::from("Home\nNews\nHarbour\nLog in\n\n");
    while text.len() < 16_000 {
        for _ in 0..8 + draw(20) {
            // Words as common as they are in a language: a few very, most rarely.
            let rank = draw(40) * draw(40) * draw(6);
            for digit in [rank % 16, rank / 16 % 16, rank / 256 % 16].iter().take(1 + rank.min(400) / 134) {
                text.push_str(syllables[*digit]);
            }
            text.push(' ');
        }
        text.truncate(text.trim_end().len());
        text.push_str(if draw(4) == 0 { ".\n\n" } else { ". " });
    }
    text.push_str("\nShare this\nNo comments:\n");
    text
}

fn line(number: usize, page: &str) -> String {
    let url = format!("https://www.harbourpost.example/{number}");
    serde_json::json!({ "id": number, "text": page, "url": url, "added": "2024-03-01", "score": 0.5 }).to_string()
        + "\n"
}

fn record(number: usize, page: &str) -> Vec<u8> {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nServer: quay\r\n\r\n{page}");
    format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Target-URI: https://x.example/\r\n\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
    .into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("memory can be written")
}
