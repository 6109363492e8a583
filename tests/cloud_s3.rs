//! The program on addresses of S3: with a server (moto, from PyPI) behind a proxy that answers 503, drops connections
//! before and after a request was done, and breaks bodies off.
//!
//! `DECHAFF_MOTO_SERVER` names the server's program; without it, `moto_server` is looked for in `PATH`. Where there is
//! none, the tests that need it say so and pass.
#![cfg(feature = "cloud")]

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use program::{Scratch, dechaff, files, project};

/// Requests that the proxy troubles, of so many.
const ONE_IN: u64 = 4;

/// The server, the proxy before it, and what came through.
struct S3 {
    server: Child,
    at: String,
    proxy: String,
    /// The requests by their first lines.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl S3 {
    /// Starts them; `None`, told on stderr, where there is no server to start.
    fn start() -> Option<S3> {
        let named = std::env::var_os("DECHAFF_MOTO_SERVER");
        let program = named.clone().unwrap_or("moto_server".into());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = match server {
            Ok(server) => server,
            Err(error) => {
                assert!(named.is_none(), "DECHAFF_MOTO_SERVER: {error}");
                // Past what captures the output of a test.
                let _ = io::stderr().write_all(
                    b"\nSKIPPED: no moto_server; pip install 'moto[server]' and name it in DECHAFF_MOTO_SERVER\n",
                );
                return None;
            }
        };
        let at = format!("127.0.0.1:{port}");
        let is_up = (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            TcpStream::connect(&at).is_ok()
        });
        assert!(is_up, "moto_server does not listen");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let proxy = proxy(at.clone(), Arc::clone(&requests));
        let s3 = S3 { server, at, proxy, requests };
        s3.ask("PUT", "/harbour", b"");
        Some(s3)
    }

    /// Asks the server itself; the body of its answer.
    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.at).unwrap();
        // The server wants a signature, and does not look at it.
        let signed =
            "AWS4-HMAC-SHA256 Credential=harbour/20240101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00";
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: {signed}\r\nContent-Length: {}\r\n\r\n",
            self.at,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        assert!(answer.starts_with(b"HTTP/1.1 2"), "{method} {path}: {}", String::from_utf8_lossy(&answer[..end]));
        answer.split_off(end)
    }

    fn put_folder(&self, prefix: &str, folder: &Path) {
        for entry in
            walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
        {
            let path = entry.path().strip_prefix(folder).unwrap().display();
            self.ask("PUT", &format!("/harbour/{prefix}/{path}"), &fs::read(entry.path()).unwrap());
        }
    }

    /// Objects below a prefix, the inner folder left out.
    fn objects(&self, prefix: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let listed =
            String::from_utf8(self.ask("GET", &format!("/harbour?list-type=2&prefix={prefix}/"), b"")).unwrap();
        let keys = listed.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap());
        keys.map(|key| (PathBuf::from(&key[prefix.len() + 1..]), self.ask("GET", &format!("/harbour/{key}"), b"")))
            .filter(|(path, _)| !path.starts_with(".dechaff"))
            .collect()
    }

    /// Runs the program with the environment that its users have.
    fn dechaff(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = dechaff();
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "harbour"),
            ("AWS_SECRET_ACCESS_KEY", "gulls"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", &format!("http://{}", self.proxy)),
            ("AWS_ALLOW_HTTP", "true"),
        ] {
            command.env(name, value);
        }
        command.args(arguments);
        command
    }

    fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.dechaff(arguments);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        text
    }

    /// The requests since somebody asked last.
    fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

/// Listens at a port of its own, and hands requests on one by one.
fn proxy(server: String, requests: Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let count = Arc::new(AtomicU64::new(0));
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (server, requests, count) = (server.clone(), Arc::clone(&requests), Arc::clone(&count));
            // What goes wrong with a connection is what this is for.
            std::thread::spawn(move || hand_on(client, &server, &requests, &count));
        }
    });
    address
}

fn hand_on(mut client: TcpStream, server: &str, requests: &Mutex<Vec<String>>, count: &AtomicU64) -> io::Result<()> {
    let (head, body) = request(&mut client)?;
    let first = head.lines().next().unwrap_or_default().to_string();
    requests.lock().unwrap().push(first);
    let number = count.fetch_add(1, Ordering::SeqCst);
    let trouble = if number.is_multiple_of(ONE_IN) { number / ONE_IN % 4 } else { 9 };
    if trouble == 0 {
        return client.write_all(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    if trouble == 1 {
        return client.shutdown(Shutdown::Both);
    }
    let mut upstream = TcpStream::connect(server)?;
    // Short pages of listings, and a connection for each request.
    let head = head.replace("max-keys=1000", "max-keys=2").replacen("\r\n", "\r\nConnection: close\r\n", 1);
    upstream.write_all(&[head.as_bytes(), &body].concat())?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    match trouble {
        // It was done, and nobody hears of it.
        2 => client.shutdown(Shutdown::Both),
        3 => {
            client.write_all(&answer[..answer.len() * 3 / 4])?;
            client.shutdown(Shutdown::Both)
        }
        _ => client.write_all(&answer),
    }
}

fn request(client: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let mut body = bytes.split_off(end + 4);
            let head = String::from_utf8_lossy(&bytes).into_owned();
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            while body.len() < length.unwrap_or(0) {
                match client.read(&mut buffer)? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    read => body.extend_from_slice(&buffer[..read]),
                }
            }
            return Ok((head, body));
        }
        match client.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// The sample, with records beside it.
fn raw() -> Scratch {
    let scratch = Scratch::new();
    for (path, bytes) in files(&project("raw")) {
        scratch.page(path.to_str().unwrap(), bytes);
    }
    let text =
        |number: usize| format!("Gull number {number} was counted twice on Monday, once as a gull and once as a tern.");
    let lines: String =
        (0..50).map(|number| format!("{}\n", serde_json::json!({ "id": number, "text": text(number) }))).collect();
    scratch.page("records/gulls.jsonl", lines);
    let record = |number: usize| {
        let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<main><p>{}</p></main>", text(number));
        let head = format!("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://gulls.example/{number}\r\n");
        format!(
            "{head}Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        )
    };
    scratch.page("records/gulls.warc", (0..20).map(record).collect::<String>());
    scratch
}

#[track_caller]
fn assert_same(found: &BTreeMap<PathBuf, Vec<u8>>, wanted: &BTreeMap<PathBuf, Vec<u8>>) {
    let paths = found.keys().chain(wanted.keys());
    let differ: Vec<_> = paths.filter(|path| found.get(*path) != wanted.get(*path)).collect();
    assert!(differ.is_empty() && !wanted.is_empty(), "{differ:?}");
}

#[test]
fn a_bucket_of_s3_gives_what_a_folder_gives() {
    let Some(s3) = S3::start() else { return };
    let scratch = raw();
    s3.put_folder("raw", &scratch.raw);
    // Writes nothing.
    s3.take_requests();
    let told = s3.expect(0, &["s3://harbour/raw", "s3://harbour/clean", "--dry-run"]);
    assert!(told.contains("A dry run: nothing was written."), "{told}");
    let requests = s3.take_requests();
    assert!(
        requests.len() > 30 && requests.iter().all(|line| line.starts_with("GET ") || line.starts_with("HEAD ")),
        "{requests:?}"
    );
    // From a bucket into a bucket, into a folder, and from a folder.
    let forms: &[&str] = if cfg!(feature = "parquet") { &["files", "jsonl", "parquet"] } else { &["files", "jsonl"] };
    for form in forms {
        let output = format!("--output={form}");
        scratch.expect(0, &[&output]);
        let wanted = files(&scratch.clean);
        let told = s3.expect(0, &["s3://harbour/raw", "s3://harbour/clean", &output]);
        assert!(told.contains("s3://harbour/clean/manifest.jsonl"), "{told}");
        assert_same(&s3.objects("clean"), &wanted);
    }
    let (raw, here) = (scratch.raw.to_str().unwrap(), scratch.home.path().join("here"));
    scratch.expect(0, &[]);
    let wanted = files(&scratch.clean);
    s3.expect(0, &["s3://harbour/raw/", here.to_str().unwrap()]);
    assert_same(&files(&here), &wanted);
    s3.expect(0, &[raw, "s3://harbour/from-here"]);
    assert_same(&s3.objects("from-here"), &wanted);
    // A second run writes no output, and the manifest not again.
    s3.take_requests();
    let work = scratch.home.path().join("work");
    s3.expect(0, &[raw, "s3://harbour/from-here", "--work-dir", work.to_str().unwrap()]);
    let requests = s3.take_requests();
    let writes = |line: &&String| line.starts_with("PUT ") && !line.contains("claim.json");
    assert_eq!(requests.iter().filter(writes).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn a_killed_program_is_gone_on_from() {
    let Some(s3) = S3::start() else { return };
    let scratch = raw();
    s3.put_folder("raw", &scratch.raw);
    scratch.expect(0, &[]);
    let wanted = files(&scratch.clean);
    let work = scratch.home.path().join("work");
    let arguments = ["s3://harbour/raw", "s3://harbour/clean", "--work-dir", work.to_str().unwrap()];
    let mut killed = s3.command(&arguments).stdout(Stdio::null()).spawn().unwrap();
    // Outputs go up when the rows of all of them stand in the bucket.
    let is_under_way = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        s3.requests.lock().unwrap().iter().any(|line| line.starts_with("PUT ") && line.contains("interrupted.jsonl"))
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(is_under_way);
    // Nobody waits for the claim of a killed run here: it is removed as a person would.
    s3.ask("DELETE", "/harbour/clean/.dechaff/claim.json", b"");
    s3.expect(0, &arguments);
    assert_same(&s3.objects("clean"), &wanted);
}

#[test]
fn what_a_store_says_is_told_and_what_takes_no_address_says_so() {
    let Some(s3) = S3::start() else { return };
    let told = s3.expect(1, &["s3://no-such-bucket/raw", "s3://harbour/clean"]);
    assert!(told.contains("cannot read s3://no-such-bucket/raw"), "{told}");
    let told = s3.expect(1, &["s3://harbour/rwa", "s3://harbour/clean"]);
    assert!(told.contains("there is nothing under this key"), "{told}");
    s3.put_folder("raw", &project("raw/forum.slipway.example"));
    for (arguments, says) in [
        (["s3://harbour/raw", "s3://harbour/raw"], "is both input and output"),
        (["s3://harbour/raw/threads", "s3://harbour/raw"], "holds the input"),
        (["s3://harbour/raw", "s3:///clean"], "expected s3://BUCKET/FOLDER"),
    ] {
        let told = s3.expect(2, &arguments);
        assert!(told.contains(says), "{told}");
    }
    assert!(s3.objects("clean").is_empty());
}
