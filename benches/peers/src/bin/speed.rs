//! How fast dechaff is beside dom_smoothie on the same pages: `speed FOLDER DECHAFF`.
//!
//! DECHAFF is the program, built by `cargo build --profile dist`. Each reads every `.html` file of FOLDER, takes its
//! text out and writes it, on one thread; what is counted is the CPU time of the whole process, as `/usr/bin/time`
//! tells it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use dom_smoothie::Readability;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["dom_smoothie", folder, out] => extract(Path::new(folder), Path::new(out)),
        [folder, dechaff] => compare(folder, dechaff),
        _ => panic!("usage: speed FOLDER DECHAFF"),
    }
}

fn compare(folder: &str, dechaff: &str) {
    let scratch = env::temp_dir().join(format!("dechaff-speed-{}", std::process::id()));
    let out = |name: &str| scratch.join(name).to_str().expect("the scratch folder has a name in UTF-8").to_string();
    fs::create_dir_all(scratch.join("peer")).expect("a scratch folder can be made");
    let bytes: u64 = pages(Path::new(folder)).iter().map(|page| fs::metadata(page).map_or(0, |data| data.len())).sum();
    let own = env::current_exe().expect("this program has a path");
    let own = own.to_str().expect("its path is UTF-8");
    println!("{:<14} {:>8} {:>8}", "program", "CPU s", "MB/s");
    for (name, arguments) in [
        ("dechaff", vec![dechaff, folder, &out("dechaff"), "--threads", "1", "--quiet"]),
        ("dom_smoothie", vec![own, "dom_smoothie", folder, &out("peer")]),
    ] {
        let run = Command::new("/usr/bin/time").args(["-f", "%U %S"]).args(arguments).output();
        let told = String::from_utf8_lossy(&run.expect("/usr/bin/time is there").stderr).into_owned();
        let last = told.lines().last().unwrap_or_default();
        let seconds: f64 = last.split(' ').map(|part| part.parse::<f64>().expect("two times")).sum();
        println!("{name:<14} {seconds:>8.2} {:>8.1}", bytes as f64 / 1e6 / seconds);
    }
    let _ = fs::remove_dir_all(scratch);
}

fn extract(folder: &Path, out: &Path) {
    for page in pages(folder) {
        let html = String::from_utf8_lossy(&fs::read(&page).expect("a page can be read")).into_owned();
        let article = Readability::new(html, None, None).and_then(|mut readability| readability.parse());
        let text = article.map(|article| article.text_content.to_string()).unwrap_or_default();
        let name = page.file_name().expect("a page has a name");
        fs::write(out.join(name).with_extension("txt"), text).expect("a text can be written");
    }
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten().map(|entry| entry.into_path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "html")).collect()
}
