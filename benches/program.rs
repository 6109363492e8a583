//! How fast the whole program is: `cargo bench --bench program [-- FOLDER] [--pages=MOST]`.
//!
//! Runs the built binary as its users do and reads the CPU time that the operating system counted for it, so
//! that neither threads nor a busy machine flatter the figures. Folders it makes up: 1,000, 10,000 and 100,000 small
//! pages (1,000,000 with `--pages=1000000`), and pages of Cyrillic text. With FOLDER (or `DECHAFF_BENCH_FOLDER`), that folder of text pages is measured too.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    let scratch = tempfile::tempdir().expect("a scratch folder can be made");
    let asked = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let asked = asked.or_else(|| std::env::var("DECHAFF_BENCH_FOLDER").ok()).map(PathBuf::from);
    println!(
        "{:<28} {:>8} {:>8} {:>8} {:>10} {:>9} {:>8}",
        "folder", "pages", "MB", "CPU s", "pages/s", "MB/s", "peak MB"
    );
    if let Some(folder) = asked {
        measure("given", &folder, scratch.path());
    }
    let cyrillic = scratch.path().join("cyrillic");
    make(&cyrillic, 1_000, |number| page(&CYRILLIC, number, 60));
    measure("1,000 Cyrillic pages", &cyrillic, scratch.path());
    let most = std::env::args().find_map(|argument| argument.strip_prefix("--pages=")?.parse().ok()).unwrap_or(100_000);
    for pages in [1_000, 10_000, 100_000, 1_000_000].into_iter().filter(|pages| *pages <= most) {
        let small = scratch.path().join("small");
        make(&small, pages, |number| page(&ENGLISH, number, 10));
        measure(&format!("{pages} small pages"), &small, scratch.path());
        let _ = fs::remove_dir_all(small);
    }
}

/// The words of a made-up site: a menu, sentences to take turns, and a foot.
struct Site {
    menu: [&'static str; 6],
    sentences: [&'static str; 5],
    foot: [&'static str; 3],
}

const ENGLISH: Site = Site {
    menu: ["Home", "News", "Harbour", "Weather", "Sport", "Log in"],
    sentences: [
        "The ferry left at nine and came back at ten, which nobody had asked it to do.",
        "On the quay a man with a bicycle waited for the post, as he does every morning in spring.",
        "The board met on Tuesday and agreed that the bridge, all things considered, is a bridge.",
        "Gulls were counted again, and again the gulls took no notice of the counting.",
        "By the evening the fog had gone, and with it the lighthouse keeper's second sandwich.",
    ],
    foot: ["Share this", "No comments:", "© 2024 Harbour Post. All rights reserved."],
};

const CYRILLIC: Site = Site {
    menu: ["Главная", "Новости", "Гавань", "Погода", "Спорт", "Войти"],
    sentences: [
        "Паром ушёл в девять и вернулся в десять, о чём его никто не просил.",
        "На причале человек с велосипедом ждал почту, как ждёт её каждое весеннее утро.",
        "Во вторник совет собрался и решил, что мост, если подумать, всё-таки мост.",
        "Чаек пересчитали ещё раз, и снова чайки не обратили на это никакого внимания.",
        "К вечеру туман рассеялся, а с ним и второй бутерброд смотрителя маяка.",
    ],
    foot: ["Поделиться", "Комментариев нет:", "© 2024 Маяк. Все права защищены."],
};

/// A page of so many paragraphs; its sentences differ from page to page.
fn page(site: &Site, number: usize, paragraphs: usize) -> String {
    let mut text = site.menu.join("\n");
    text.push_str(&format!("\n\n{} {number}\n\n", site.sentences[number % 5].trim_end_matches('.')));
    for paragraph in 0..paragraphs {
        let pick = |offset: usize| site.sentences[(number / 5 + paragraph * 3 + offset) % 5];
        text.push_str(&format!("{number}. {} {}\n\n", pick(0), pick(paragraph + 1)));
    }
    text.push_str(&site.foot.join("\n"));
    text.push('\n');
    text
}

fn make(folder: &Path, pages: usize, page: impl Fn(usize) -> String) {
    for number in 0..pages {
        let path = folder.join(format!("{:03}/{number:06}.txt", number / 1000));
        if number % 1000 == 0 {
            fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
        }
        fs::write(path, page(number)).expect("a page can be written");
    }
}

/// Runs the program three times on one thread, and prints the run that took least CPU time.
fn measure(name: &str, folder: &Path, scratch: &Path) {
    let clean = scratch.join("clean");
    let runs = (0..3).map(|_| {
        let _ = fs::remove_dir_all(&clean);
        run(folder, &clean)
    });
    let best = runs.min_by(|a, b| a.cpu.total_cmp(&b.cpu)).expect("there were runs");
    let sizes = walkdir::WalkDir::new(folder).into_iter().filter_map(|entry| entry.ok()?.metadata().ok());
    let sizes: Vec<u64> = sizes.filter(fs::Metadata::is_file).map(|meta| meta.len()).collect();
    let megabytes = sizes.iter().sum::<u64>() as f64 / 1e6;
    println!(
        "{name:<28} {:>8} {megabytes:>8.1} {:>8.2} {:>10.0} {:>9.1} {:>8.1}",
        sizes.len(),
        best.cpu,
        sizes.len() as f64 / best.cpu,
        megabytes / best.cpu,
        best.peak / 1e6,
    );
}

struct Run {
    /// User and system seconds.
    cpu: f64,
    /// Peak memory in bytes.
    peak: f64,
}

/// Runs the program under `/usr/bin/time`, which reads the operating system's account of it.
fn run(folder: &Path, clean: &Path) -> Run {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%U %S %M", env!("CARGO_BIN_EXE_dechaff"), "--quiet", "--threads", "1"])
        .args([folder, clean])
        .stdout(Stdio::null())
        .output()
        .expect("/usr/bin/time is there (Debian: apt-get install time)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let figures: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Run { cpu: figures[0] + figures[1], peak: figures[2] * 1024.0 }
}
