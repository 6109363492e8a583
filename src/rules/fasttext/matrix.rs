//! Matrices of a model: dense, or quantized by products (Jégou et al. 2011).

use super::input::{Input, Mistake};

/// How many vectors a part of a quantized row is one of: a code is a byte.
const CODES: usize = 256;

#[derive(Debug)]
pub(super) enum Matrix {
    Dense { dimensions: usize, rows: Vec<f32> },
    Quantized(Quantized),
}

/// A matrix whose rows are codes.
#[derive(Debug)]
pub(super) struct Quantized {
    dimensions: usize,
    codes: Vec<u8>,
    parts: Codebook,
    /// The length of each row, as a code, and what the codes mean; rows that were not brought to one length have none.
    lengths: Option<(Vec<u8>, Codebook)>,
}

/// What codes mean: for each part of a row, 256 vectors.
#[derive(Debug)]
struct Codebook {
    count: usize,
    /// How long a part is, but for the last.
    length: usize,
    last_length: usize,
    vectors: Vec<f32>,
}

impl Matrix {
    pub(super) fn read(input: &mut Input, is_quantized: bool, dimensions: usize) -> Result<Matrix, Mistake> {
        if is_quantized {
            return Ok(Matrix::Quantized(Quantized::read(input, dimensions)?));
        }
        let count = rows(input, dimensions)?;
        let rows = input.floats(count.checked_mul(dimensions), &format!("{count} vectors"))?;
        Ok(Matrix::Dense { dimensions, rows })
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Matrix::Dense { dimensions, rows } => rows.len() / dimensions,
            Matrix::Quantized(quantized) => quantized.codes.len() / quantized.parts.count,
        }
    }

    pub(super) fn dimensions(&self) -> usize {
        match self {
            Matrix::Dense { dimensions, .. } => *dimensions,
            Matrix::Quantized(quantized) => quantized.dimensions,
        }
    }

    /// Adds a row to a vector; a row that does not exist adds nothing.
    pub(super) fn add_row(&self, row: usize, sum: &mut [f32]) {
        match self {
            Matrix::Dense { dimensions, rows } => {
                let row = rows.get(row * dimensions..(row + 1) * dimensions).unwrap_or_default();
                sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
            }
            Matrix::Quantized(quantized) => {
                let length = quantized.length(row);
                for (part, sum) in quantized.row(row).zip(sum.chunks_mut(quantized.parts.length)) {
                    sum.iter_mut().zip(part).for_each(|(sum, number)| *sum += length * number);
                }
            }
        }
    }

    /// The product of a row and a vector.
    pub(super) fn product(&self, row: usize, vector: &[f32]) -> f32 {
        match self {
            Matrix::Dense { dimensions, rows } => {
                let row = rows.get(row * dimensions..(row + 1) * dimensions).unwrap_or_default();
                row.iter().zip(vector).map(|(one, other)| one * other).sum()
            }
            Matrix::Quantized(quantized) => {
                let parts = quantized.row(row).zip(vector.chunks(quantized.parts.length));
                let product: f32 = parts.flat_map(|(part, vector)| part.iter().zip(vector)).map(|(a, b)| a * b).sum();
                quantized.length(row) * product
            }
        }
    }
}

impl Quantized {
    fn read(input: &mut Input, dimensions: usize) -> Result<Quantized, Mistake> {
        let has_lengths = input.bool("whether lengths are quantized, too")?;
        let rows = rows(input, dimensions)?;
        let codes = input.count(0..=i32::MAX, "the number of codes")? as usize;
        let all = input.bytes(codes, &format!("{codes} codes"))?;
        let parts = Codebook::read(input, dimensions)?;
        if rows.checked_mul(parts.count) != Some(codes) {
            return Err(input.wrong(format!("{rows} rows of {} codes, not {codes} codes", parts.count)));
        }
        let lengths = match has_lengths {
            true => Some((input.bytes(rows, &format!("{rows} codes of lengths"))?, Codebook::read(input, 1)?)),
            false => None,
        };
        Ok(Quantized { dimensions, codes: all, parts, lengths })
    }

    /// The parts of a row.
    fn row(&self, row: usize) -> impl Iterator<Item = &[f32]> {
        let count = self.parts.count;
        let codes = self.codes.get(row * count..(row + 1) * count).unwrap_or_default();
        codes.iter().enumerate().map(|(part, &code)| self.parts.vector(part, code))
    }

    fn length(&self, row: usize) -> f32 {
        let Some((codes, meanings)) = &self.lengths else { return 1.0 };
        codes.get(row).and_then(|&code| meanings.vector(0, code).first()).copied().unwrap_or_default()
    }
}

impl Codebook {
    fn read(input: &mut Input, dimensions: usize) -> Result<Codebook, Mistake> {
        let [told, count, length, last_length] = input.numbers()?;
        let as_count = |number: i32| usize::try_from(number).ok().filter(|&number| number > 0);
        let parts = as_count(count).zip(as_count(length)).zip(as_count(last_length));
        let fitting = parts.filter(|&((count, length), last)| {
            let all = (count - 1).checked_mul(length).and_then(|all| all.checked_add(last));
            all == Some(dimensions) && last <= length && usize::try_from(told) == Ok(dimensions)
        });
        let Some(((count, length), last_length)) = fitting else {
            let told = format!("{told} in {count} of {length}, the last of {last_length}");
            return Err(input.wrong(format!("parts of vectors of {dimensions} numbers, not {told}")));
        };
        let vectors = input.floats(dimensions.checked_mul(CODES), "256 vectors for each part")?;
        Ok(Codebook { count, length, last_length, vectors })
    }

    /// What a code of a part means.
    fn vector(&self, part: usize, code: u8) -> &[f32] {
        let length = if part + 1 == self.count { self.last_length } else { self.length };
        let start = part * CODES * self.length + usize::from(code) * length;
        self.vectors.get(start..start + length).unwrap_or_default()
    }
}

/// How many rows a matrix says that it has, of vectors as long as the model's.
fn rows(input: &mut Input, dimensions: usize) -> Result<usize, Mistake> {
    let rows = input.size("the number of vectors")?;
    match input.long()? {
        length if usize::try_from(length) == Ok(dimensions) => Ok(rows),
        length => Err(input.wrong(format!("vectors of {dimensions} numbers, not of {length}"))),
    }
}
