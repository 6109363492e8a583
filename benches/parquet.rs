//! How fast Parquet is read: `cargo bench --features parquet --bench parquet [-- FILE…]`.
//!
//! A file that it makes up, of pages in words drawn at random, in Zstandard and snappy; and those given. Each is divided
//! into rows and opened as pages: their texts alone, and with all columns. MB of the texts' bytes per second of CPU of
//! one thread, the best of five runs; and the peak of memory, which for files given is that of reading them.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fs::{self, File};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use dechaff::internals::read::ReadOptions;
use dechaff::internals::read::archive::{self, Opened};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// Pages of a file that is made up, 8 kB each.
const PAGES: usize = 20_000;

/// How often a file is read; the best of them counts.
const RUNS: u32 = 5;

fn main() {
    println!("{:<40} {:>8} {:>8} {:>12} {:>12} {:>9}", "file", "MB", "packed", "texts MB/s", "all MB/s", "peak MB");
    let scratch = tempfile::tempdir().expect("a scratch folder can be made");
    let given: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    given.iter().for_each(|file| measure(Path::new(file)));
    let zstd = Compression::ZSTD(ZstdLevel::default());
    for (name, compression) in [("made-up-zstd.parquet", zstd), ("made-up-snappy.parquet", Compression::SNAPPY)] {
        let path = scratch.path().join(name);
        write(&path, compression);
        measure(&path);
    }
}

/// Prints what reading a file takes.
fn measure(path: &Path) {
    let best = |passes_columns: bool| {
        let runs = (0..RUNS).map(|_| {
            let before = thread_cpu();
            let bytes = black_box(texts(path, passes_columns));
            (thread_cpu() - before, bytes)
        });
        runs.min_by(|one, other| one.0.total_cmp(&other.0)).expect("there were runs")
    };
    let ((alone, bytes), (all, _)) = (best(false), best(true));
    let (name, packed) = (path.file_name().expect("a file"), fs::metadata(path).expect("it is there").len());
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{:<40} {megabytes:>8.1} {:>8.1} {:>12.0} {:>12.0} {:>9.0}",
        name.to_string_lossy(),
        packed as f64 / 1e6,
        megabytes / alone,
        megabytes / all,
        peak()
    );
}

/// Opens every row as a page, with its other columns or without; how many bytes their texts have.
fn texts(path: &Path, passes_columns: bool) -> u64 {
    let options = ReadOptions { passes_columns, ..ReadOptions::default() };
    let name = path.to_string_lossy();
    let opened = archive::open_file(&name, Box::new(File::open(path).expect("it is there")), &options);
    let Ok(Opened::Records(rows)) = opened else { panic!("{name} holds no rows") };
    rows.map(|row| row.matter.open(&options).map_or(0, |page| page.bytes.len() as u64)).sum()
}

/// CPU seconds of this thread, as Linux counts them: what else a machine does is not in them.
fn thread_cpu() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).expect("a number") / 1e9
}

/// The most memory that this process has had, in megabytes.
fn peak() -> f64 {
    let told = fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line of it");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") * 1.024e-3
}

fn write(path: &Path, compression: Compression) {
    let texts: ArrayRef = Arc::new((0..PAGES).map(|number| Some(page(number))).collect::<StringArray>());
    let urls = (0..PAGES).map(|number| Some(format!("https://www.harbourpost.example/ferries/{number}")));
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from_iter_values(0..PAGES as i64))),
        ("text", texts),
        ("url", Arc::new(urls.collect::<StringArray>())),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let properties = WriterProperties::builder().set_compression(compression).build();
    let file = File::create(path).expect("a file can be made");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("it is written");
    writer.close().expect("it is written");
}

/// A page of words drawn at random; the same page for the same number.
fn page(number: usize) -> String {
    let mut state = number as u64 + 1;
    let mut draw = |of: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % of as u64) as usize
    };
    let mut page = String::new();
    while page.len() < 8000 {
        for _ in 0..8 + draw(12) {
            (0..1 + draw(4)).for_each(|_| {
                page.push_str(["ka", "ro", "min", "tel", "us", "gra", "vo", "sen", "li", "dor"][draw(10)])
            });
            page.push(' ');
        }
        page.push_str(".\n");
    }
    page
}
