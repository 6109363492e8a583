//! Numbers as their bytes, little-endian: lists of them are written down and read at once.
//!
//! For `#[serde(with = "packed")]`.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

/// What a list of which is written as bytes.
pub(crate) trait Packed: Sized {
    /// How many bytes it takes.
    const BYTES: usize;

    /// Appends its bytes.
    fn put(&self, bytes: &mut Vec<u8>);

    /// What stands in bytes, of which there are [`Packed::BYTES`].
    fn taken(bytes: &[u8]) -> Self;

    /// What stands in bytes one after the other.
    fn all(bytes: &[u8]) -> Vec<Self> {
        bytes.chunks_exact(Self::BYTES).map(Self::taken).collect()
    }
}

macro_rules! packed_integers {
    ($($integer:ty),*) => {$(
        impl Packed for $integer {
            const BYTES: usize = size_of::<$integer>();

            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            #[inline(always)]
            fn taken(bytes: &[u8]) -> $integer {
                bytes.first_chunk().map_or(0, |bytes| <$integer>::from_le_bytes(*bytes))
            }

            // Compiled to a copy.
            fn all(bytes: &[u8]) -> Vec<$integer> {
                bytes.as_chunks().0.iter().map(|bytes| <$integer>::from_le_bytes(*bytes)).collect()
            }
        }
    )*};
}

packed_integers!(u8, u32, u64);

impl<A: Packed, B: Packed> Packed for (A, B) {
    const BYTES: usize = A::BYTES + B::BYTES;

    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
        self.1.put(bytes);
    }

    #[inline(always)]
    fn taken(bytes: &[u8]) -> (A, B) {
        let (a, b) = bytes.split_at(A::BYTES.min(bytes.len()));
        (A::taken(a), B::taken(b))
    }
}

pub(crate) fn serialize<T: Packed, S: Serializer>(list: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    let mut bytes = Vec::with_capacity(list.len() * T::BYTES);
    list.iter().for_each(|item| item.put(&mut bytes));
    serializer.serialize_bytes(&bytes)
}

pub(crate) fn deserialize<'de, T: Packed, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_bytes(Bytes).map(T::all)
}

/// Takes the bytes as they lie there.
struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = &'de [u8];

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<&'de [u8], E> {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Lists {
        #[serde(with = "super")]
        numbers: Vec<u64>,
        #[serde(with = "super")]
        pairs: Vec<(u32, (u8, u32))>,
    }

    #[test]
    fn lists_are_read_as_they_were_written() {
        let lists = Lists { numbers: vec![0, u64::MAX, 77], pairs: vec![(1, (2, 3)), (u32::MAX, (u8::MAX, 1 << 31))] };
        let bytes = postcard::to_allocvec(&lists).unwrap();
        assert_eq!(bytes.len(), 1 + 3 * 8 + 1 + 2 * 9);
        assert_eq!(postcard::from_bytes::<Lists>(&bytes).unwrap(), lists);
        assert!(postcard::from_bytes::<Lists>(&bytes[..bytes.len() - 1]).is_err());
    }
}
