//! Object stores: a bucket gives what a folder gives, whatever the network does, and nothing in it is lost.
#![cfg(feature = "cloud")]

mod cloud_store;
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cloud_store::Faulty;
use dechaff::internals::cloud::address::Address;
use dechaff::internals::cloud::bucket::Bucket;
use dechaff::internals::cloud::claim::Pace;
use dechaff::internals::cloud::objects::ObjectFolder;
use dechaff::internals::cloud::output::{BucketOutput, Watch};
use dechaff::internals::cloud::publish::Published;
use dechaff::internals::read::raw_folder::RawFolder;
use dechaff::internals::run::page_runner::PageRunner;
use dechaff::internals::run::{self, Job, Outcome, RunObserver};
use dechaff::internals::write::output_dir::OutputDir;
use dechaff::internals::write::verify;
use dechaff::{Cleaner, Container, Error, Settings, SiteTemplates};
use futures_util::TryStreamExt;
use globset::{Glob, GlobSet};
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use program::{files, project};

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Renewals of claims that come in time on a machine that is busy.
const PACE: Pace = Pace { renewal: Duration::from_millis(250), missing: 3 };

/// Renewals that nobody waits for, where no run lives.
const FAST: Pace = Pace { renewal: Duration::from_millis(20), missing: 1 };

/// What a run that is over leaves in the inner folder.
const LEFT: [&str; 2] = ["samples.jsonl", "templates.jsonl"];

struct Alone;

impl RunObserver for Alone {
    fn page(&self, _: bool) {}

    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// How a run differs from the plain one.
#[derive(Clone, Default)]
struct How {
    output: Container,
    prune: bool,
    dry_run: bool,
    survey: bool,
    include: Option<&'static str>,
    shard_bytes: Option<u64>,
    work_dir: Option<PathBuf>,
}

fn job(raw: RawFolder, clean: PathBuf, how: &How) -> Job {
    // Rules are compiled once for each form.
    static CLEANERS: Mutex<Vec<(Container, Cleaner)>> = Mutex::new(Vec::new());
    let mut known = CLEANERS.lock().unwrap();
    if known.iter().all(|(output, _)| *output != how.output) {
        let mut settings = Settings::default();
        settings.output = how.output;
        known.push((how.output, Cleaner::builder().settings(settings).build().unwrap()));
    }
    let cleaner = known.iter().find(|(output, _)| *output == how.output).map(|(_, cleaner)| cleaner).unwrap();
    let include =
        how.include.map_or(GlobSet::empty(), |glob| GlobSet::builder().add(Glob::new(glob).unwrap()).build().unwrap());
    Job {
        raw,
        clean,
        clean_name: None,
        threads: 0,
        dry_run: how.dry_run,
        force: false,
        prune: how.prune,
        write_copies: true,
        near_copies: None,
        include,
        exclude: GlobSet::empty(),
        part: None,
        rejected: None,
        shard_bytes: how.shard_bytes.unwrap_or(4000),
        survey: how.survey,
        runner: PageRunner::new(cleaner.with_templates(SiteTemplates::default())),
    }
}

/// A store with RAW and CLEAN in it.
struct Store {
    faulty: Arc<Faulty>,
    bucket: Bucket,
    raw: Address,
    clean: Address,
    pace: Pace,
}

impl Store {
    fn new(faulty: Faulty) -> Store {
        let faulty = Arc::new(faulty);
        let bucket =
            Bucket::of_store(Arc::clone(&faulty) as Arc<dyn ObjectStore>, Some(Arc::clone(&faulty) as _)).unwrap();
        let address = |text: &str| Address::parse(text).unwrap();
        Store { faulty, bucket, raw: address("s3://bucket/raw"), clean: address("s3://bucket/clean"), pace: PACE }
    }

    fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        let bytes: Bytes = bytes.into();
        wait(self.faulty.inner.put(&Key::parse(key).unwrap(), bytes.into())).unwrap();
    }

    fn put_folder(&self, folder: &Path) {
        for entry in
            walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
        {
            let path = entry.path().strip_prefix(folder).unwrap();
            self.put(&format!("raw/{}", path.display()), fs::read(entry.path()).unwrap());
        }
    }

    fn remove(&self, key: &str) {
        wait(self.faulty.inner.delete(&Key::parse(key).unwrap())).unwrap();
    }

    /// Objects below a folder, the folder of unfinished things left out.
    fn objects(&self, folder: &str) -> Files {
        let mut all = self.all(folder);
        all.retain(|path, _| !path.starts_with(".dechaff"));
        all
    }

    fn all(&self, folder: &str) -> Files {
        let inner = &self.faulty.inner;
        wait(async {
            let listed: Vec<_> = inner.list(Some(&Key::parse(folder).unwrap())).try_collect().await.unwrap();
            let mut objects = Files::new();
            for object in listed {
                let bytes = inner.get(&object.location).await.unwrap().bytes().await.unwrap();
                objects.insert(object.location.as_ref().strip_prefix(folder).unwrap()[1..].into(), bytes.to_vec());
            }
            objects
        })
    }

    /// What lies in the inner folder of CLEAN.
    fn left(&self) -> Vec<String> {
        let inner = |path: PathBuf| path.to_str().and_then(|path| path.strip_prefix(".dechaff/")).map(str::to_string);
        self.all("clean").into_keys().filter_map(inner).collect()
    }

    fn raw(&self) -> Result<RawFolder, Error> {
        Ok(RawFolder::Remote(Arc::new(ObjectFolder::list(&self.bucket, &self.raw, None, &|| false)?)))
    }

    fn open(&self, how: &How) -> Result<BucketOutput, Error> {
        let watch = Watch { stop: &|| false, waiting: &|_| {} };
        BucketOutput::open(self.bucket.clone(), self.clean.clone(), how.work_dir.as_deref(), self.pace, &watch)
    }

    /// What `dechaff s3://bucket/raw s3://bucket/clean` does.
    fn run(&self, how: &How) -> Result<(Outcome, Published), Error> {
        self.run_on(self.raw()?, how)
    }

    fn run_on(&self, raw: RawFolder, how: &How) -> Result<(Outcome, Published), Error> {
        let mut output = self.open(how)?;
        let outcome = run::run(&mut job(raw, output.folder().into(), how), &Alone)?;
        let published = output.publish(&|| false, &|_, _| {})?;
        Ok((outcome, published))
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What a run on this machine gives.
fn locally(raw: &Path, clean: &Path, how: &How) -> Files {
    run::run(&mut job(raw.into(), clean.into(), how), &Alone).unwrap();
    files(clean)
}

/// Holds two folders to one another, and tells of what differs no more than the start.
#[track_caller]
fn assert_same(found: &Files, wanted: &Files) {
    let start = |files: &Files, path: &PathBuf| {
        files.get(path).map(|bytes| String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]).into_owned())
    };
    let paths = found.keys().chain(wanted.keys());
    let differ: Vec<_> = paths.filter(|path| found.get(*path) != wanted.get(*path)).collect();
    let shown = differ.first().map(|path| (path, start(found, path), start(wanted, path)));
    assert!(differ.is_empty(), "{differ:?}: {shown:#?}");
}

fn home() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let (raw, clean) = (home.path().join("raw"), home.path().join("clean"));
    fs::create_dir(&raw).unwrap();
    (home, raw, clean)
}

fn page(number: usize) -> String {
    format!(
        "Home\nNews\nHarbour\n\nFerry number {number} leaves at nine\n\nThe ferry to island number {number} left at nine \
         sharp on Monday, a full three minutes after the last passenger had taken her seat.\n\nShare this\nNo comments:\n"
    )
}

fn write(raw: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(raw.join(name).parent().unwrap()).unwrap();
    fs::write(raw.join(name), bytes).unwrap();
}

#[test]
fn a_bucket_gives_what_a_folder_gives_whatever_the_network_does() {
    let (_home, _, clean) = home();
    let raw = project("raw");
    let how = How { survey: true, ..How::default() };
    let wanted = locally(&raw, &clean, &how);
    let pages =
        |fails, breaks, page| Faulty { fails, breaks, page, slow: Duration::from_millis(1), ..Faulty::default() };
    for store in [pages(0, 0, 1000), pages(5, 4, 2)].map(Store::new) {
        store.put_folder(&raw);
        let (outcome, published) = store.run(&how).unwrap();
        assert!(!outcome.interrupted);
        assert_same(&store.objects("clean"), &wanted);
        assert_eq!(published, Published { written: wanted.len() as u64 - 1, removed: 0 });
        assert_eq!(store.left(), LEFT);
        // A second run has nothing to write.
        store.faulty.take_writes();
        let (_, published) = store.run(&how).unwrap();
        assert_eq!((store.faulty.take_writes(), published), (0, Published::default()));
        assert_same(&store.objects("clean"), &wanted);
    }
}

#[test]
fn pages_that_go_stay_until_they_are_pruned() {
    let (_home, raw, clean) = home();
    let store = Store::new(Faulty::default());
    (0..4).for_each(|number| write(&raw, &format!("{number}.txt"), page(number)));
    store.put_folder(&raw);
    let how = How::default();
    store.run(&how).unwrap();
    locally(&raw, &clean, &how);
    fs::remove_file(raw.join("1.txt")).unwrap();
    store.remove("raw/1.txt");
    write(&raw, "2.txt", page(22));
    store.put("raw/2.txt", page(22));
    for how in [How::default(), How { include: Some("3.txt"), ..How::default() }, How { prune: true, ..How::default() }]
    {
        let (outcome, _) = store.run(&how).unwrap();
        assert_same(&store.objects("clean"), &locally(&raw, &clean, &how));
        assert_eq!(outcome.unread.left + outcome.unread.pruned, u64::from(how.include.is_none()));
    }
    assert!(!clean.join("1.txt").exists());
    // An input that has vanished takes nothing with it.
    (0..4).for_each(|number| store.remove(&format!("raw/{number}.txt")));
    let before = store.objects("clean");
    assert!(store.run(&How { prune: true, ..How::default() }).is_err());
    assert_same(&store.objects("clean"), &before);
}

/// Files of many pages: some longer than one answer.
fn archives(raw: &Path) {
    // A field that is passed on.
    let padding = "gulls ".repeat(800);
    let line = |number| format!("{}\n", serde_json::json!({ "id": number, "text": page(number), "note": padding }));
    let lines: String = (0..600).map(line).collect();
    assert!(lines.len() > 2 << 20, "longer than what comes in one answer");
    write(raw, "pages.jsonl", lines);
    let record = |number: usize| {
        let page = page(number);
        let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{page}");
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://www.harbourpost.example/{number}\r\n\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        )
    };
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all((0..40).map(record).collect::<String>().as_bytes()).unwrap();
    write(raw, "crawl.warc.gz", packed.finish().unwrap());
    let mut zipped = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for number in 0..20 {
        zipped.start_file(format!("{number}.txt"), zip::write::SimpleFileOptions::default()).unwrap();
        zipped.write_all(page(number).as_bytes()).unwrap();
    }
    write(raw, "pages.zip", zipped.finish().unwrap().into_inner());
    write(raw, "page.txt.gz", packed_page());
}

fn packed_page() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(page(7).as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn files_of_many_pages_are_read_in_ranges_and_shards_come_out() {
    let (_home, raw, clean) = home();
    archives(&raw);
    let include = Some("{crawl.warc.gz,pages.zip,page.txt.gz}");
    let how = How { output: Container::Jsonl, include, shard_bytes: Some(100_000), ..How::default() };
    let store = Store::new(Faulty { fails: 7, breaks: 5, ..Faulty::default() });
    store.put_folder(&raw);
    store.run(&how).unwrap();
    assert_same(&store.objects("clean"), &locally(&raw, &clean, &how));
    // The rest of them: shards of the first run are replaced.
    let how = How { include: None, ..how };
    store.run(&how).unwrap();
    let wanted = locally(&raw, &clean, &how);
    assert!(wanted.len() > 20, "many shards: {}", wanted.len());
    assert_same(&store.objects("clean"), &wanted);
    assert!(store.faulty.read.lock().unwrap()["raw/pages.jsonl"] > 3, "a long object is read in ranges");
    // Files in their place.
    let how = How { output: Container::Files, include: Some("pages.zip"), ..how };
    store.run(&how).unwrap();
    assert_same(&store.objects("clean"), &locally(&raw, &clean, &how));
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_comes_and_goes_by_ranges() {
    let (_home, raw, clean) = home();
    let how = How { output: Container::Parquet, ..How::default() };
    (0..30).for_each(|number| write(&raw, &format!("{number}.txt"), page(number)));
    locally(&raw, &clean, &how);
    // Shards of one run are the input of another.
    let (_other, again, end) = home();
    for (name, bytes) in
        files(&clean).iter().filter(|(name, _)| name.extension().is_some_and(|ending| ending == "parquet"))
    {
        write(&again, name.to_str().unwrap(), bytes);
    }
    let store = Store::new(Faulty { fails: 6, breaks: 4, ..Faulty::default() });
    store.put_folder(&again);
    store.run(&how).unwrap();
    assert_same(&store.objects("clean"), &locally(&again, &end, &how));
}

#[test]
fn a_run_that_is_killed_at_any_write_leaves_a_bucket_that_the_next_one_ends() {
    for output in [Container::Files, Container::Jsonl] {
        let how = How { output, prune: true, ..How::default() };
        // Before: three pages. After: one is new, one has changed, one is gone.
        let (_before, raw, clean) = home();
        (0..3).for_each(|number| write(&raw, &format!("{number}.txt"), page(number)));
        let (_after, changed, fresh) = home();
        [(0, 0), (1, 11), (3, 3)]
            .iter()
            .for_each(|(name, number)| write(&changed, &format!("{name}.txt"), page(*number)));
        let (old, new) = (locally(&raw, &clean, &how), locally(&changed, &fresh, &how));
        let manifest = |files: &Files| files.get(Path::new("manifest.jsonl")).cloned();
        for kill_at in 0.. {
            let store = Store { pace: FAST, ..Store::new(Faulty::default()) };
            store.put_folder(&raw);
            store.run(&how).unwrap();
            assert_same(&store.objects("clean"), &old);
            store.remove("raw/2.txt");
            store.put_folder(&changed);
            store.faulty.allow(kill_at);
            let is_done = store.run(&how).is_ok();
            store.faulty.allow(i64::MAX);
            let left = store.objects("clean");
            assert!([manifest(&old), manifest(&new)].contains(&manifest(&left)), "at {kill_at}");
            // What is there is an output of one of the two, whole.
            for (path, bytes) in &left {
                let of = |files: &Files| files.get(path) == Some(bytes);
                assert!(of(&old) || of(&new), "at {kill_at}: {path:?}");
            }
            // A run over a part alone keeps the rest, and a whole one is a run from nothing.
            if kill_at % 2 == 0 {
                store.run(&How { include: Some("0.txt"), ..how.clone() }).unwrap();
                let copy = tempfile::tempdir().unwrap();
                store
                    .objects("clean")
                    .iter()
                    .for_each(|(path, bytes)| write(copy.path(), path.to_str().unwrap(), bytes));
                let verified = verify::verify(&OutputDir::at(copy.path())).unwrap();
                assert_eq!(verified.faults, [], "at {kill_at}");
            }
            store.run(&how).unwrap();
            assert_same(&store.objects("clean"), &new);
            assert_eq!(store.left(), LEFT, "at {kill_at}");
            if is_done {
                assert!(kill_at > 5, "the last of many writes: {kill_at}");
                break;
            }
        }
    }
}

#[test]
fn of_two_runs_at_once_the_second_ends_and_clobbers_nothing() {
    let (_home, raw, clean) = home();
    (0..3).for_each(|number| write(&raw, &format!("{number}.txt"), page(number)));
    let how = How::default();
    let store = Store::new(Faulty::default());
    store.put_folder(&raw);
    let mut first = store.open(&how).unwrap();
    let told = store.open(&how).unwrap_err();
    assert!(matches!(told, Error::Locked { .. }), "{told}");
    assert!(told.to_string().contains("s3://bucket/clean is in use by another run"), "{told}");
    // Somebody removes the claim of the first, and a second run comes to its end.
    run::run(&mut job(store.raw().unwrap(), first.folder().into(), &how), &Alone).unwrap();
    store.remove("clean/.dechaff/claim.json");
    write(&raw, "1.txt", page(111));
    store.put("raw/1.txt", page(111));
    store.run(&how).unwrap();
    let wanted = locally(&raw, &clean, &how);
    assert_same(&store.objects("clean"), &wanted);
    let told = first.publish(&|| false, &|_, _| {}).unwrap_err();
    assert!(told.to_string().contains("another run has written here"), "{told}");
    drop(first);
    // The next run has everything as it should be.
    store.run(&how).unwrap();
    assert_same(&store.objects("clean"), &wanted);
}

#[test]
fn a_manifest_that_another_hand_has_written_is_not_replaced() {
    for is_there_before in [false, true] {
        let store = Store::new(Faulty::default());
        store.put("raw/a.txt", page(1));
        if is_there_before {
            store.run(&How::default()).unwrap();
            store.put("raw/a.txt", page(2));
        }
        let mut output = store.open(&How::default()).unwrap();
        run::run(&mut job(store.raw().unwrap(), output.folder().into(), &How::default()), &Alone).unwrap();
        store.put("clean/manifest.jsonl", "another hand's");
        let told = output.publish(&|| false, &|_, _| {}).unwrap_err().to_string();
        assert!(told.contains("another run has written here since this one began"), "{told}");
        assert_eq!(store.objects("clean")[Path::new("manifest.jsonl")], b"another hand's");
    }
}

#[test]
fn the_claim_of_a_killed_run_is_taken_over_and_that_of_a_slow_one_is_not() {
    let store = Store::new(Faulty::default());
    store.put("raw/a.txt", page(1));
    store.put("clean/.dechaff/claim.json", "of a killed run");
    let was_told = AtomicBool::new(false);
    let watch = Watch { stop: &|| false, waiting: &|_| was_told.store(true, Ordering::SeqCst) };
    let open = |watch: &Watch| BucketOutput::open(store.bucket.clone(), store.clean.clone(), None, PACE, watch);
    let held = open(&watch).unwrap();
    assert!(was_told.load(Ordering::SeqCst));
    // It lives for as long as it is held.
    std::thread::sleep(PACE.renewal * 3);
    assert!(matches!(open(&watch).unwrap_err(), Error::Locked { .. }));
    drop(held);
    open(&watch).unwrap();
    assert!(store.all("clean").is_empty(), "a claim that was given back is gone");
    // Whoever waits may be stopped.
    store.put("clean/.dechaff/claim.json", "of a killed run");
    let told = open(&Watch { stop: &|| true, waiting: &|_| {} }).unwrap_err().to_string();
    assert!(told.contains("stopped"), "{told}");
}

#[test]
fn a_store_that_takes_no_conditions_is_refused() {
    let store = Store::new(Faulty { unconditional: true, ..Faulty::default() });
    store.put("raw/a.txt", page(1));
    let told = store.run(&How::default()).map(drop).unwrap_err().to_string();
    assert!(told.contains("cannot write s3://bucket/clean: the store takes no conditional requests"), "{told}");
    assert!(store.all("clean").is_empty());
}

#[test]
fn a_dry_run_lists_and_reads_and_writes_nothing() {
    let (_home, _, clean) = home();
    let store = Store::new(Faulty { page: 2, ..Faulty::default() });
    store.put_folder(&project("raw"));
    let how = How { dry_run: true, survey: true, ..How::default() };
    let outcome = run::run(&mut job(store.raw().unwrap(), clean.clone(), &how), &Alone).unwrap();
    assert!(outcome.report.all() > 20);
    assert_eq!(store.faulty.take_writes(), 0);
    assert!(store.all("clean").is_empty() && !clean.exists());
}

#[test]
fn hostile_keys_are_rows_that_say_why_they_are_not_read() {
    let hostile = ["raw/../../etc/passwd", "raw/a//b.txt", "raw/b\nc.txt", "raw//z.txt"].map(str::to_string).to_vec();
    for page_size in [1000, 3, 1] {
        let store = Store::new(Faulty { hostile: hostile.clone(), page: page_size, ..Faulty::default() });
        for name in
            ["a.txt", "a/c.txt", "a-b/d.txt", "e/\u{202e}f.txt", "back\\slash.txt", ".hidden/g.txt", "h~%41.txt"]
        {
            store.put(&format!("raw/{name}"), page(name.len()));
        }
        // What a console makes for an empty folder, and one that holds something.
        store.put("raw/a", "");
        store.run(&How::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        store.objects("clean").iter().for_each(|(path, bytes)| write(folder.path(), path.to_str().unwrap(), bytes));
        let rows = program::rows(folder.path());
        let status = |path: &str| rows[path]["status"].as_str().unwrap().to_string();
        for (path, why) in [
            ("../../etc/passwd", "`..`"),
            ("a//b.txt", "empty"),
            ("b\\x0ac.txt", "control character"),
            ("/z.txt", "empty"),
            (".hidden", "hidden"),
        ] {
            assert_eq!(status(path), "skipped");
            assert!(rows[path]["reason"].as_str().unwrap().contains(why), "{path}: {}", rows[path]);
        }
        for path in ["a.txt", "a/c.txt", "a-b/d.txt", "e/\u{202e}f.txt", "back\\\\slash.txt", "h~%41.txt"] {
            assert_eq!(status(path), "cleaned", "{path}");
        }
        assert_eq!(rows.len(), 11, "{:?}", rows.keys());
    }
}

#[test]
fn sidecars_stand_beside_their_objects() {
    let (_home, raw, clean) = home();
    write(&raw, "a.txt", page(1));
    write(&raw, "a.txt.meta.json", r#"{"url":"https://www.harbourpost.example/a"}"#);
    write(&raw, "a.txt-old", page(2));
    write(&raw, "lonely.txt.meta.json", page(3));
    let store = Store::new(Faulty::default());
    store.put_folder(&raw);
    store.run(&How::default()).unwrap();
    assert_same(&store.objects("clean"), &locally(&raw, &clean, &How::default()));
    // One object as all of the input has its sidecar, too.
    let one = Store { raw: Address::parse("s3://bucket/raw/a.txt").unwrap(), ..store };
    one.run(&How { prune: true, ..How::default() }).unwrap();
    assert_same(&one.objects("clean"), &locally(&raw.join("a.txt"), &clean, &How { prune: true, ..How::default() }));
    let told = Store { raw: Address::parse("s3://bucket/rwa").unwrap(), ..one }.run(&How::default()).unwrap_err();
    assert!(told.to_string().contains("cannot read s3://bucket/rwa: there is nothing under this key"), "{told}");
}

#[test]
fn an_object_that_does_not_come_fails_alone_and_takes_no_output_with_it() {
    let fill = |store: &Store| {
        store.put("raw/a.txt", page(1));
        store.put("raw/a.txt.meta.json", r#"{"url":"https://www.harbourpost.example/a"}"#);
        store.put("raw/b.txt", page(2));
    };
    // A page without what is said of it is another page.
    for (away, failed) in [("raw/a.txt.meta.json", 1), ("raw/b.txt", 1)] {
        let store = Store::new(Faulty { away: Some(away), ..Faulty::default() });
        fill(&store);
        let (outcome, _) = store.run(&How::default()).unwrap();
        assert_eq!(outcome.report.with(dechaff::Status::Failed), failed, "{away}");
        assert_eq!(store.objects("clean").len(), 2, "the other page and the manifest");
    }
    let store = Store::new(Faulty::default());
    fill(&store);
    store.run(&How::default()).unwrap();
    let raw = store.raw().unwrap();
    store.remove("raw/b.txt");
    // It went after it was listed: nobody has said that the page is gone.
    let (outcome, published) = store.run_on(raw, &How { prune: true, ..How::default() }).unwrap();
    assert_eq!((outcome.report.with(dechaff::Status::Failed), published.removed), (1, 0));
    assert!(store.objects("clean").contains_key(Path::new("b.txt")));
}

#[test]
fn what_others_have_put_or_changed_in_the_output_folder_is_left_alone() {
    let store = Store::new(Faulty::default());
    (0..3).for_each(|number| store.put(&format!("raw/{number}.txt"), page(number)));
    store.put("clean/0.txt", "a letter");
    store.put("clean/notes/README", "mine");
    let (outcome, _) = store.run(&How::default()).unwrap();
    assert_eq!(outcome.report.with(dechaff::Status::Failed), 1);
    store.put("clean/1.txt", "edited");
    store.put("raw/1.txt", page(11));
    let (outcome, _) = store.run(&How { prune: true, ..How::default() }).unwrap();
    assert_eq!(outcome.report.with(dechaff::Status::Failed), 2);
    let objects = store.objects("clean");
    for (path, text) in [("0.txt", "a letter"), ("notes/README", "mine"), ("1.txt", "edited")] {
        assert_eq!(objects[Path::new(path)], text.as_bytes(), "{path}");
    }
    let manifest = String::from_utf8(objects[Path::new("manifest.jsonl")].clone()).unwrap();
    assert!(manifest.contains("1.txt was edited since dechaff wrote it"), "{manifest}");
}

#[test]
fn a_working_folder_is_gone_on_from() {
    let (home, raw, clean) = home();
    (0..200).for_each(|number| write(&raw, &format!("{number:03}.txt"), page(number)));
    let how = How { work_dir: Some(home.path().join("work")), ..How::default() };
    let store = Store::new(Faulty::default());
    store.put_folder(&raw);
    // Stopped in the middle of what goes up.
    let mut output = store.open(&how).unwrap();
    run::run(&mut job(store.raw().unwrap(), output.folder().into(), &how), &Alone).unwrap();
    let stops = Mutex::new(0);
    let stop = || {
        *stops.lock().unwrap() += 1;
        *stops.lock().unwrap() > 3
    };
    assert!(output.publish(&stop, &|_, _| {}).unwrap_err().to_string().contains("stopped"));
    drop(output);
    let written = store.objects("clean").len();
    assert!((1..200).contains(&written), "{written}");
    let (_, published) = store.run(&how).unwrap();
    assert_eq!(published.written as usize, 200 - written);
    assert_same(&store.objects("clean"), &locally(&raw, &clean, &How::default()));
    // A second run reads no output.
    store.faulty.read.lock().unwrap().clear();
    store.put("raw/007.txt", page(7007));
    write(&raw, "007.txt", page(7007));
    let (_, published) = store.run(&how).unwrap();
    assert_eq!(published, Published { written: 1, removed: 0 });
    let read = store.faulty.read.lock().unwrap().clone();
    assert!(read.keys().all(|key| !key.starts_with("clean/") || key.contains("claim")), "{read:?}");
    assert_same(&store.objects("clean"), &locally(&raw, &clean, &How::default()));
    // Another machine has been here since: its state counts.
    store.put("raw/008.txt", page(8008));
    write(&raw, "008.txt", page(8008));
    store.run(&How::default()).unwrap();
    store.remove("raw/009.txt");
    fs::remove_file(raw.join("009.txt")).unwrap();
    store.run(&How { prune: true, ..how.clone() }).unwrap();
    assert_same(&store.objects("clean"), &locally(&raw, &clean, &How { prune: true, ..How::default() }));
    // The folder is that of one bucket.
    let other = Store { clean: Address::parse("s3://bucket/other").unwrap(), ..store };
    let told = other.run(&how).unwrap_err().to_string();
    assert!(told.contains("working folder of s3://bucket/clean"), "{told}");
    assert!(other.all("other").is_empty());
}

#[test]
fn a_manifest_of_a_bucket_writes_nothing_outside_of_the_working_folder() {
    let (home, _, _) = home();
    let store = Store::new(Faulty::default());
    ["a", "b"].iter().for_each(|name| store.put(&format!("raw/{name}.txt"), page(name.len())));
    let how = How { work_dir: Some(home.path().join("work")), prune: true, ..How::default() };
    store.run(&how).unwrap();
    let victim = home.path().join("victim.txt");
    fs::write(&victim, "mine").unwrap();
    let manifest = String::from_utf8(store.objects("clean").remove(Path::new("manifest.jsonl")).unwrap()).unwrap();
    let row = manifest.replace(r#""output":{"path":"a.txt""#, r#""output":{"path":"../victim.txt""#);
    assert_ne!(manifest, row);
    let shard = manifest + "{\"shard\":\"../victim.txt\",\"documents\":1,\"sha256\":\"00\"}\n";
    store.remove("raw/a.txt");
    // Another hand has written it: the working folder is filled from it anew. A shard that is not as it was written is
    // refused, wherever it is.
    for (hostile, is_refused) in [(shard, true), (row, false)] {
        store.put("clean/manifest.jsonl", hostile);
        assert_eq!(store.run(&how).is_err(), is_refused);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        assert!(store.objects("clean").contains_key(Path::new("b.txt")));
    }
}

#[test]
fn an_output_below_the_input_is_no_input() {
    let store = Store::new(Faulty::default());
    store.put("raw/a.txt", page(1));
    let store = Store { clean: Address::parse("s3://bucket/raw/clean").unwrap(), ..store };
    let list = || ObjectFolder::list(&store.bucket, &store.raw, Some("clean"), &|| false).unwrap();
    for _ in 0..2 {
        let (outcome, _) = store.run_on(RawFolder::Remote(Arc::new(list())), &How::default()).unwrap();
        assert_eq!(outcome.report.all(), 1);
    }
    // For another run it is a folder of dechaff's, which is skipped by name.
    let other = Store { clean: Address::parse("s3://bucket/other").unwrap(), ..store };
    let (outcome, _) = other.run(&How::default()).unwrap();
    assert_eq!((outcome.report.all(), outcome.report.with(dechaff::Status::Skipped)), (2, 1));
}

#[test]
fn a_large_output_goes_up_in_parts() {
    let (home, _, _) = home();
    let store = Store::new(Faulty::default());
    let file = home.path().join("large");
    let bytes: Vec<u8> = (0..(20 << 20)).map(|at: u32| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    fs::write(&file, &bytes).unwrap();
    let key = Key::parse("large").unwrap();
    store.bucket.upload(&key, &file).unwrap();
    assert_eq!(store.bucket.read(&key).unwrap().unwrap().1, bytes);
}
