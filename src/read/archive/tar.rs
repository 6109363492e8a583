//! tar, in the forms of POSIX (ustar, pax), GNU and the seventh edition of Unix: each file in it is a member.
//!
//! The crate `tar` reads heads; where members begin and end, and how to go on behind damage, is settled here. Nothing is
//! unpacked to a disk: paths are names, and links are listed.

use memchr::memmem;
use tar::{EntryType, Header, PaxExtensions};

use crate::read::archive::members::{MemberNotes, Members, shown};
use crate::read::archive::stream::Unpacked;
use crate::read::archive::{Bounds, Opening, Reader, Record, Since, told};

/// A block, in bytes: heads are one, and what members hold is filled up to a number of them.
const BLOCK: usize = 512;

/// Where in a head the check sum stands, and the magic word.
const CHECK_SUM: std::ops::Range<usize> = 148..156;
const MAGIC: usize = 257;

/// The longest name, and the most that pax may say of a member, in bytes.
const LONGEST_NAME: u64 = 1 << 20;

/// Divides a file into members.
pub(super) struct Tar {
    members: Members,
    ended: bool,
}

/// What extended heads say of the member behind them.
#[derive(Debug, Default)]
struct Said {
    path: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Whether a file begins as tar does.
pub(super) fn begins(head: &[u8]) -> bool {
    head.get(..BLOCK).is_some_and(is_header)
}

impl Tar {
    pub(super) fn of(_: &mut Unpacked, opening: &Opening) -> Box<dyn Reader> {
        Box::new(Tar { members: Members::new(opening), ended: false })
    }

    /// The record of the next member; nothing at the end.
    fn member(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Result<Option<Record>, String> {
        let mut said = Said::default();
        loop {
            let since = Since::now(stream);
            let Some(header) = next_header(stream)? else {
                self.ended = true;
                return Ok(None);
            };
            let kind = header.entry_type();
            let size = match said.size.filter(|_| !is_extension(kind)) {
                Some(size) => size,
                None => header.entry_size().map_err(|_| "a tar head without a length".to_string())?,
            };
            if is_extension(kind) {
                let most = Bounds { record: LONGEST_NAME, ..*bounds };
                let bytes = body(stream, size, &most, since)?.ok_or("a tar head whose names are too long")?;
                said.take(kind, bytes);
                continue;
            }
            if kind.is_gnu_sparse() && header.as_gnu().is_some_and(|gnu| gnu.is_extended()) {
                pass_sparse_map(stream)?;
            }
            let path = said.path.unwrap_or_else(|| header.path_bytes().into_owned());
            let skipped = match kind {
                // The seventh edition knew folders by their names alone.
                _ if kind.is_dir() || kind == EntryType::Regular && path.ends_with(b"/") => None,
                _ if kind.is_hard_link() || kind.is_symlink() => {
                    let end = header.link_name_bytes().unwrap_or_default();
                    Some(format!("a link to {}", String::from_utf8_lossy(&end)))
                }
                _ if kind.is_gnu_sparse() => Some("a file with holes".into()),
                _ if kind.is_file() || kind.is_contiguous() => {
                    return match body(stream, size, bounds, since)? {
                        Some(bytes) => Ok(Some(self.members.page(&path, bytes, MemberNotes::default()))),
                        None => Ok(Some(self.members.failed(format!("{}, {}", bounds.too_long(), shown(&path))))),
                    };
                }
                _ => Some("neither a file nor a folder".into()),
            };
            pass_body(stream, size, bounds, since)?;
            match skipped {
                Some(what) => return Ok(Some(self.members.skipped(&path, &what))),
                None => said = Said::default(),
            }
        }
    }

    /// Goes on at the next head that is whole.
    fn find_header(&mut self, stream: &mut Unpacked, bounds: &Bounds) {
        let mut since = Since::now(stream);
        while !self.ended {
            let starts = memmem::find_iter(stream.data(), b"ustar").filter_map(|at| at.checked_sub(MAGIC));
            if let Some(at) = starts.into_iter().find(|&at| begins(&stream.data()[at..])) {
                return stream.consume(at);
            }
            // A head may have begun in the last bytes.
            stream.consume(stream.data().len().saturating_sub(BLOCK - 1));
            match stream.more() {
                Ok(true) if since.is_bomb(stream, bounds) => self.ended = !stream.leave_member(),
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(_) => {
                    self.ended = !stream.pass_damage();
                    since = Since::now(stream);
                }
            }
        }
    }
}

impl Reader for Tar {
    fn next(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        if let Some(record) = self.members.next_inner() {
            return Some(record);
        }
        if self.ended {
            return None;
        }
        match self.member(stream, bounds) {
            Ok(record) => record,
            Err(why) => {
                self.find_header(stream, bounds);
                Some(self.members.failed(why))
            }
        }
    }
}

impl Said {
    fn take(&mut self, kind: EntryType, bytes: Vec<u8>) {
        if kind.is_gnu_longname() {
            let end = memchr::memchr(0, &bytes).unwrap_or(bytes.len());
            self.path = Some(bytes[..end].to_vec());
        } else if kind.is_pax_local_extensions() {
            for said in PaxExtensions::new(&bytes).flatten() {
                match said.key_bytes() {
                    b"path" => self.path = Some(said.value_bytes().to_vec()),
                    b"size" => self.size = said.value().ok().and_then(|size| size.parse().ok()).or(self.size),
                    _ => {}
                }
            }
        }
    }
}

/// Whether a head says something of the member behind it.
fn is_extension(kind: EntryType) -> bool {
    kind.is_gnu_longname()
        || kind.is_gnu_longlink()
        || kind.is_pax_local_extensions()
        || kind.is_pax_global_extensions()
}

/// Whether a block is a head: its check sum is right.
fn is_header(block: &[u8]) -> bool {
    let Ok(said) = Header::from_byte_slice(block).cksum() else { return false };
    let sum = block.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    let own = block[CHECK_SUM].iter().map(|&byte| u32::from(byte)).sum::<u32>();
    // Its own place counts as spaces.
    said != 0 && sum - own + CHECK_SUM.len() as u32 * u32::from(b' ') == said
}

/// The next head. Blocks of zeros end an archive; where archives were put one behind another, the next one follows.
fn next_header(stream: &mut Unpacked) -> Result<Option<Header>, String> {
    loop {
        stream.at_least(BLOCK).map_err(|damage| told(stream, &damage))?;
        let data = stream.data();
        let is_blank = data[..data.len().min(BLOCK)].iter().all(|&byte| byte == 0);
        match data.len() {
            0 => return Ok(None),
            length if is_blank => stream.consume(length.min(BLOCK)),
            length if length < BLOCK => {
                stream.consume(length);
                return Err("cut short in a tar head".into());
            }
            _ if !is_header(&data[..BLOCK]) => {
                let at = stream.offset();
                stream.consume(1);
                return Err(format!("no tar head at byte {at}"));
            }
            _ => {
                let header = Header::from_byte_slice(&data[..BLOCK]).clone();
                stream.consume(BLOCK);
                return Ok(Some(header));
            }
        }
    }
}

/// What a member holds; nothing where that is too long, and then it is passed over.
fn body(stream: &mut Unpacked, size: u64, bounds: &Bounds, since: Since) -> Result<Option<Vec<u8>>, String> {
    if size > bounds.record {
        return pass_body(stream, size, bounds, since).map(|()| None);
    }
    let mut bytes = Vec::with_capacity(size.min(1 << 20) as usize);
    take(stream, size, bounds, since, |piece| bytes.extend_from_slice(piece))?;
    pass_filling(stream, size)?;
    Ok(Some(bytes))
}

fn pass_body(stream: &mut Unpacked, size: u64, bounds: &Bounds, since: Since) -> Result<(), String> {
    take(stream, size, bounds, since, |_| ())?;
    pass_filling(stream, size)
}

fn take(
    stream: &mut Unpacked,
    size: u64,
    bounds: &Bounds,
    since: Since,
    mut put: impl FnMut(&[u8]),
) -> Result<(), String> {
    let mut left = size;
    while left > 0 {
        if stream.data().is_empty() && !stream.more().map_err(|damage| told(stream, &damage))? {
            return Err(format!("cut short: {} of a member's {size} bytes are there", size - left));
        }
        if since.is_bomb(stream, bounds) {
            stream.leave_member();
            return Err(bounds.bomb());
        }
        let here = (stream.data().len() as u64).min(left) as usize;
        put(&stream.data()[..here]);
        stream.consume(here);
        left -= here as u64;
    }
    Ok(())
}

/// Passes over what fills the last block of a member. Some writers leave it out behind the last one.
fn pass_filling(stream: &mut Unpacked, size: u64) -> Result<(), String> {
    let filling = (BLOCK - (size % BLOCK as u64) as usize) % BLOCK;
    stream.at_least(filling).map_err(|damage| told(stream, &damage))?;
    stream.consume(filling.min(stream.data().len()));
    Ok(())
}

fn pass_sparse_map(stream: &mut Unpacked) -> Result<(), String> {
    /// Where a block of the map says whether another one follows.
    const GOES_ON: usize = 504;
    loop {
        stream.at_least(BLOCK).map_err(|damage| told(stream, &damage))?;
        let Some(&goes_on) = stream.data().get(GOES_ON).filter(|_| stream.data().len() >= BLOCK) else {
            return Err("cut short in a tar head".into());
        };
        stream.consume(BLOCK);
        if goes_on == 0 {
            return Ok(());
        }
    }
}
