//! Pages that wait for what is decided of all of them: pieces of bytes, put away one after the other and taken out in that
//! order. They are compressed on the way.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::write::scratch::{Scratch, ScratchFile};

/// Fast: they are read once.
const LEVEL: i32 = 1;

/// Pieces that are put away.
pub struct Spool<'f> {
    pieces: zstd::Encoder<'static, BufWriter<ScratchFile<'f>>>,
}

impl<'f> Spool<'f> {
    /// Nothing yet. A file of this name is taken.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn new(scratch: Scratch<'f>, name: &str) -> io::Result<Spool<'f>> {
        let file = BufWriter::with_capacity(1 << 20, scratch.file(name)?);
        Ok(Spool { pieces: zstd::Encoder::new(file, LEVEL)? })
    }

    /// Puts the next piece away.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn put(&mut self, piece: &[u8]) -> io::Result<()> {
        self.pieces.write_all(&(piece.len() as u64).to_le_bytes())?;
        self.pieces.write_all(piece)
    }

    /// All pieces in their order.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn pieces(self) -> io::Result<Pieces<'f>> {
        let mut file = self.pieces.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Pieces { pieces: zstd::Decoder::new(file)? })
    }
}

/// Pieces that are taken out.
pub struct Pieces<'f> {
    pieces: zstd::Decoder<'static, BufReader<ScratchFile<'f>>>,
}

impl Pieces<'_> {
    /// The next piece; nothing behind the last one.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 8];
        match self.pieces.read(&mut length[..1])? {
            0 => return Ok(None),
            _ => self.pieces.read_exact(&mut length[1..])?,
        }
        let length = u64::from_le_bytes(length);
        let mut piece = Vec::new();
        match (&mut self.pieces).take(length).read_to_end(&mut piece)? as u64 == length {
            true => Ok(Some(piece)),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_out_as_they_were_put_in() {
        let mut spool = Spool::new(Scratch::of(None).unwrap(), "pages").unwrap();
        let pieces: Vec<Vec<u8>> = [0, 1, 8, 70_000, 3].iter().map(|&length| vec![length as u8; length]).collect();
        pieces.iter().for_each(|piece| spool.put(piece).unwrap());
        let mut taken = spool.pieces().unwrap();
        for piece in pieces {
            assert_eq!(taken.take().unwrap(), Some(piece));
        }
        assert_eq!(taken.take().unwrap(), None);
    }
}
