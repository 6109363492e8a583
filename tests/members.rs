//! Archives of files: their members are pages as files are, whatever is wrong beside them, and none is written elsewhere.

mod program;

use std::io::{Cursor, Write};

use program::{Scratch, dechaff, files};
use tar::{Builder, EntryType, Header};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

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

fn html(number: usize) -> String {
    let text = page(number);
    let text = text.split("\n\n").nth(2).unwrap();
    format!(
        "<?xml version='1.0'?>\n<html><head><title>Chapter {number}</title></head><body><p>{text}</p></body></html>"
    )
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

type Members<'m> = &'m [(&'m str, Vec<u8>)];

fn tar(members: Members) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (path, bytes) in members {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // The builder refuses names that lead elsewhere; whoever means harm does not ask it.
        match path.contains("..") || path.starts_with('/') {
            true => {
                header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
                header.set_cksum();
                tar.append(&header, &bytes[..]).unwrap();
            }
            false => tar.append_data(&mut header, path, &bytes[..]).unwrap(),
        }
    }
    tar.into_inner().unwrap()
}

fn zip(members: Members) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in members {
        let method =
            if *path == "mimetype" { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        zip.start_file(*path, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn pages() -> Vec<(&'static str, Vec<u8>)> {
    let path = |n: usize| {
        ["www.harbourpost.example/0.txt", "www.harbourpost.example/a/1.txt", "www.harbourpost.example/2.txt"][n]
    };
    (0..3).map(|number| (path(number), page(number).into_bytes())).collect()
}

/// The rows, as `path#record`, status and id or reason, in the order of records.
fn told(scratch: &Scratch) -> Vec<String> {
    let mut rows: Vec<_> = scratch.rows().into_iter().map(|(name, row)| (row["record"].as_u64(), name, row)).collect();
    rows.sort_by(|(one, a, _), (other, b, _)| one.cmp(other).then(a.cmp(b)));
    let said = |row: &serde_json::Value| match row["status"].as_str() {
        Some("skipped" | "failed") => row["reason"].as_str().unwrap().to_string(),
        _ => row["id"].as_str().unwrap_or_default().to_string(),
    };
    rows.iter().map(|(_, name, row)| format!("{name} {} {}", row["status"].as_str().unwrap(), said(row))).collect()
}

#[test]
fn members_give_the_texts_of_files() {
    let expected = Scratch::new();
    for (path, bytes) in pages() {
        expected.page(path, bytes);
    }
    expected.expect(0, &[]);
    let packed = [
        ("a.tar", tar(&pages())),
        ("b.tgz", gzip(tar(&pages()))),
        ("c.tar.zst", zstd::encode_all(&tar(&pages())[..], 3).unwrap()),
        ("d.zip", zip(&pages())),
        ("e.zip.gz", gzip(zip(&pages()))),
        ("f", tar(&pages())),
        ("g", zip(&pages())),
    ];
    for (name, bytes) in packed {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &["--strict"]);
        for (path, _) in pages() {
            let text = scratch.cleaned(&format!("{name}/{path}"));
            assert_eq!(text, expected.cleaned(path), "{name} {path}");
            assert!(text.contains("Captain Moss") && !text.contains("Share this"), "{text}");
        }
        let rows = scratch.rows();
        assert!(rows.values().all(|row| row["site"] == "www.harbourpost.example"), "{name}: {rows:?}");
        assert_eq!(
            rows.keys().collect::<Vec<_>>(),
            (1..4).map(|n| format!("{name}#{n}")).collect::<Vec<_>>().iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_second_run_and_every_command_know_members_by_their_addresses() {
    for (name, bytes, changed) in
        [("a.tar.gz", gzip(tar(&pages())), gzip(tar(&pages()[1..]))), ("a.zip", zip(&pages()), zip(&pages()[1..]))]
    {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &[]);
        let first = files(&scratch.clean);
        scratch.expect(0, &[]);
        assert_eq!(files(&scratch.clean), first, "{name}");
        let run = |arguments: &[&str]| {
            let output = dechaff().args(arguments).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            (output.status.code(), said)
        };
        let (raw, clean) = (scratch.raw.to_str().unwrap(), scratch.clean.to_str().unwrap());
        assert_eq!(run(&["verify", clean]).0, Some(0), "{name}: {}", run(&["verify", clean]).1);
        let (code, said) = run(&["check", raw]);
        assert!(code == Some(0) && said.contains("in 3 files"), "{name}: {code:?} {said}");
        let (code, said) = run(&["diff", raw, clean]);
        assert!(code != Some(2) && said.contains("Share this"), "{name}: {code:?} {said}");
        let (code, said) = run(&["explain", &format!("{raw}/{name}#2")]);
        assert!(code == Some(0) && said.contains("Ferry number 1"), "{name}: {code:?} {said}");
        scratch.page(name, changed);
        scratch.expect(0, &[]);
        let fresh = Scratch::new();
        fresh.page(name, std::fs::read(scratch.raw.join(name)).unwrap());
        fresh.expect(0, &[]);
        let texts = |scratch: &Scratch| {
            let texts = files(&scratch.clean).into_iter();
            texts.filter(|(path, _)| !path.starts_with(".dechaff")).collect::<Vec<_>>()
        };
        assert_eq!(texts(&scratch), texts(&fresh), "{name}");
    }
}

#[test]
fn members_that_are_no_pages_are_listed() {
    let mut tar = Builder::new(Vec::new());
    let mut add = |path: &str, kind: EntryType, bytes: &[u8], end: Option<&str>| {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        if let Some(end) = end {
            header.set_link_name_literal(end).unwrap();
        }
        tar.append_data(&mut header, path, bytes).unwrap();
    };
    add("folder/", EntryType::Directory, b"", None);
    add("folder/link.txt", EntryType::Symlink, b"", Some("/etc/passwd"));
    add("hard.txt", EntryType::Link, b"", Some("../secret"));
    add("pipe", EntryType::Fifo, b"", None);
    add(".hidden/a.txt", EntryType::Regular, page(0).as_bytes(), None);
    add("run.py", EntryType::Regular, b"import tide\n", None);
    add(&format!("{}/page.txt", "long".repeat(60)), EntryType::Regular, page(1).as_bytes(), None);
    let scratch = Scratch::new();
    scratch.page("a.tar", tar.into_inner().unwrap());
    scratch.expect(0, &[]);
    assert_eq!(
        told(&scratch),
        [
            "a.tar#1 skipped a link to /etc/passwd, folder/link.txt",
            "a.tar#2 skipped a link to ../secret, hard.txt",
            "a.tar#3 skipped neither a file nor a folder, pipe",
            "a.tar#4 skipped hidden: its name starts with a dot, .hidden/a.txt",
            "a.tar#5 skipped source code",
            &format!("a.tar#6 cleaned {}/page.txt", "long".repeat(60)),
        ]
    );
}

#[test]
fn paths_that_lead_elsewhere_are_only_names() {
    let members = [("../../escaped.txt", page(0).into_bytes()), ("/tmp/escaped.txt", page(1).into_bytes())];
    for (name, bytes) in [("a.tar", tar(&members)), ("a.zip", zip(&members))] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &[]);
        assert!(scratch.cleaned(&format!("{name}/%2E%2E/%2E%2E/escaped.txt")).contains("ferry 0"));
        assert!(scratch.cleaned(&format!("{name}/tmp/escaped.txt")).contains("ferry 1"));
        assert!(!scratch.raw.parent().unwrap().join("escaped.txt").exists());
    }
}

#[test]
fn archives_are_entered_once() {
    let lines = serde_json::json!({ "id": "line", "text": page(0) }).to_string() + "\n";
    let inner = tar(&[("in/a.txt", page(1).into_bytes()), ("deep.jsonl", lines.clone().into())]);
    let members = [
        ("lines.jsonl.gz", gzip(&lines)),
        ("inner.tar", inner.clone()),
        ("page.txt.gz", gzip(page(2))),
        ("none.jsonl", Vec::new()),
    ];
    for (name, bytes) in [("a.tar", tar(&members)), ("a.zip", zip(&members))] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &[]);
        assert_eq!(
            told(&scratch),
            [
                "#1 cleaned lines.jsonl.gz/line",
                "#2 cleaned inner.tar/in/a.txt",
                "#3 skipped a file of many pages within two archives, deep.jsonl, in inner.tar#2",
                "#4 cleaned page.txt.gz",
                "#5 blank none.jsonl",
            ]
            .map(|row| format!("{name}{row}"))
        );
        assert!(scratch.cleaned(&format!("{name}/lines.jsonl.gz/line.txt")).contains("ferry 0"));
        assert!(scratch.cleaned(&format!("{name}/inner.tar/in/a.txt")).contains("ferry 1"));
        assert!(scratch.cleaned(&format!("{name}/page.txt")).contains("ferry 2"));
    }
}

#[test]
fn bombs_and_long_members_are_passed_over() {
    let zeros = vec![b' '; 50 << 20];
    let long = "A long text. ".repeat(2000).into_bytes();
    let with =
        |bytes: &[u8]| [("0.txt", page(0).into_bytes()), ("bomb.txt", bytes.to_vec()), ("2.txt", page(2).into_bytes())];
    for (name, bytes, more, expected, last) in [
        ("a.zip", zip(&with(&zeros)), &[][..], "compression bombs", true),
        ("b.tgz", gzip(tar(&with(&zeros))), &[], "compression bombs", false),
        ("c.tar", tar(&with(&gzip(&zeros))), &[], "compression bombs", true),
        ("d.tar", tar(&with(&long)), &["--max-record", "8K"], "8192 bytes", true),
        ("e.zip", zip(&with(&long)), &["--max-record", "8K"], "8192 bytes", true),
        ("f.zip.gz", gzip(zip(&with(&zeros))), &["--max-record", "8K"], "8192 bytes", false),
    ] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        let said = scratch.expect(1, more);
        assert!(said.contains(expected) && said.contains("allows more"), "{name}: {said}");
        assert_eq!(scratch.clean.join(format!("{name}/2.txt")).exists(), last, "{name}: {said}");
    }
}

#[test]
fn damaged_archives_give_what_can_be_read() {
    let (tar, zip) = (tar(&pages()), zip(&pages()));
    let mut bad_head = tar.clone();
    let second = memchr::memmem::find_iter(&tar, b"ustar").nth(1).unwrap();
    bad_head[second - 200] ^= 1;
    let mut bad_sum = zip.clone();
    let at = zip.len() / 2 - 40;
    bad_sum[at] ^= 0x55;
    for (name, bytes, read) in [
        ("cut.tar", tar[..tar.len() - 1024 - 512 - 100].to_vec(), 2),
        ("head.tar", bad_head, 2),
        ("two.tar", [tar.clone(), tar.clone()].concat(), 6),
        ("noise.tar", [b"noise".as_slice(), &tar].concat(), 3),
        ("sum.zip", bad_sum, 2),
        ("cut.zip", zip[..zip.len() - 30].to_vec(), 3),
        ("none.zip", b"not a ZIP archive at all".to_vec(), 0),
    ] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        // Archives that were put one behind another are whole.
        let said = scratch.expect(i32::from(name != "two.tar"), &[]);
        let texts =
            files(&scratch.clean).keys().filter(|path| path.extension().is_some_and(|ending| ending == "txt")).count();
        assert_eq!(texts, read, "{name}: {:?} {said}", told(&scratch));
    }
}

#[test]
fn of_a_zip_that_was_cut_short_the_last_member_is_kept_as_far_as_it_came() {
    let zip = zip(&pages());
    let last = memchr::memmem::find_iter(&zip, b"PK\x03\x04").nth(2).unwrap();
    let end = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    let scratch = Scratch::new();
    scratch.page("a.zip", &zip[..last + (end - last) * 9 / 10]);
    scratch.expect(1, &[]);
    let rows = scratch.rows();
    let repairs = |record: &str| rows[record]["repairs"].to_string();
    assert!(repairs("a.zip#3").contains("cut-short") && !repairs("a.zip#2").contains("cut-short"), "{rows:?}");
    assert!(
        scratch.cleaned("a.zip/www.harbourpost.example/2.txt").contains("The ferry to island number 2 left at nine")
    );
    assert!(rows["a.zip#4"]["reason"].as_str().unwrap().contains("its directory is missing"), "{rows:?}");
}

#[test]
fn a_book_gives_its_chapters_in_their_order() {
    let package = "<?xml version='1.0'?><package><metadata><dc:language>en</dc:language></metadata><manifest>\
        <item id='b' href='text/b.xhtml' media-type='application/xhtml+xml'/>\
        <item id='a' href='text/a%20one.xhtml' media-type='application/xhtml+xml'/>\
        <item id='nav' href='nav.xhtml' media-type='application/xhtml+xml'/>\
        <item id='css' href='style.css' media-type='text/css'/></manifest>\
        <spine><itemref idref='a'/><itemref idref='b'/><itemref idref='lost'/></spine></package>";
    let container = "<container><rootfiles><rootfile full-path='OEBPS/book.opf'/></rootfiles></container>";
    let book = zip(&[
        ("mimetype", b"application/epub+zip".to_vec()),
        ("META-INF/container.xml", container.into()),
        ("OEBPS/book.opf", package.into()),
        ("OEBPS/nav.xhtml", html(9).into()),
        ("OEBPS/text/b.xhtml", html(2).into()),
        ("OEBPS/text/a one.xhtml", html(1).into()),
        ("OEBPS/style.css", b"p {}".to_vec()),
    ]);
    for name in ["book.epub", "book"] {
        let scratch = Scratch::new();
        scratch.page(name, &book);
        scratch.expect(1, &[]);
        assert_eq!(
            told(&scratch),
            [
                "#1 cleaned OEBPS/text/a one.xhtml",
                "#2 cleaned OEBPS/text/b.xhtml",
                "#3 failed a chapter that is not there: lost",
                "#4 skipped no chapter of the book, OEBPS/nav.xhtml",
            ]
            .map(|row| format!("{name}{row}"))
        );
        assert!(scratch.cleaned(&format!("{name}/OEBPS/text/a one.xhtml.txt")).contains("island number 1"));
    }
}

#[test]
fn office_documents_are_no_archives_of_pages() {
    let scratch = Scratch::new();
    scratch.page("letter.docx", zip(&[("word/document.xml", b"<w>".to_vec())]));
    scratch.page("table", zip(&[("[Content_Types].xml", b"<Types/>".to_vec()), ("xl/a.txt", page(0).into())]));
    scratch.expect(0, &[]);
    let office = "skipped a ZIP archive or office document";
    assert_eq!(told(&scratch), [format!("letter.docx {office}"), format!("table {office}")]);
}
