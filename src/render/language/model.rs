//! The classes that groups of letters tell apart: a language in a script each.
//!
//! Every place has a vector of small integers. Their sum over a text, weighed by each class of the text's script, is
//! how likely that class is: what fastText's classifier does (Joulin et al. 2016), in integers.

use std::sync::LazyLock;

use pulp::{Arch, NullaryFnOnce};

use super::features::{self, PLACES};
use super::scripts::Script;

/// How long the vectors are.
pub const DIMENSIONS: usize = 32;

/// What a nat is in scores.
pub const NAT: i64 = 256;

/// A language in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// ISO 639-3.
    pub code: String,
    /// The script.
    pub script: Script,
    /// Whether it is told. The others are known too little to be told, and only keep their texts from being taken
    /// for those of their neighbours.
    pub is_told: bool,
    /// What it scores in any text.
    pub bias: i16,
    /// What it scores for the sum of a text's vectors.
    pub weights: [i16; DIMENSIONS],
}

/// The classes, and the vectors of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The classes, by script.
    pub classes: Vec<Class>,
    /// What weights times vectors are divided by, in 1/256, to be scores.
    pub divisor: u32,
    /// The vectors, one after the other.
    pub vectors: Vec<i8>,
    /// The largest sum of a class's weights, all taken for positive.
    heaviest: i64,
}

impl Model {
    /// A model of these classes, by script, and vectors.
    pub fn new(classes: Vec<Class>, divisor: u32, vectors: Vec<i8>) -> Model {
        let weight = |class: &Class| class.weights.iter().map(|&weight| i64::from(weight).abs()).sum();
        let heaviest = classes.iter().map(weight).max().unwrap_or(0);
        Model { classes, divisor, vectors, heaviest }
    }

    /// The model that ships.
    pub fn get() -> &'static Model {
        static MODEL: LazyLock<Model> = LazyLock::new(|| {
            Model::read(include_bytes!("../../../rules/letters/languages.bin"))
                .unwrap_or_else(|| Model::new(Vec::new(), 1, Vec::new()))
        });
        &MODEL
    }

    /// The likeliest class of a text in a script, and its probability in thousandths.
    pub fn likeliest(&self, text: &str, script: Script) -> Option<(&Class, u32)> {
        let classes = self.of_script(script);
        if let [only] = classes {
            return Some((only, 1000));
        }
        let (sum, groups) = self.sum(text, script);
        if groups == 0 {
            return None;
        }
        let products = Arch::new().dispatch(Products { classes, sum: &sum, heaviest: self.heaviest });
        // Scores are of the mean, as learned from texts of some 80 characters; a longer text proves more.
        let scores: Vec<i64> = classes
            .iter()
            .zip(products)
            .map(|(class, product)| {
                let score = i64::from(class.bias) + quotient(product * NAT, groups * i64::from(self.divisor));
                score + quotient(score * groups, groups + HALF)
            })
            .collect();
        let (best, &most) = scores.iter().enumerate().max_by_key(|&(number, &score)| (score, usize::MAX - number))?;
        let all: u64 = scores.iter().map(|&score| exponential(score - most)).sum();
        Some((&classes[best], (exponential(0) * 1000 / all.max(1)) as u32))
    }

    /// The classes of a script.
    fn of_script(&self, script: Script) -> &[Class] {
        let from = self.classes.partition_point(|class| class.script < script);
        let to = self.classes.partition_point(|class| class.script <= script);
        &self.classes[from..to]
    }

    /// The sum of the vectors of a text's groups of letters, and how many groups there are.
    fn sum(&self, text: &str, script: Script) -> ([i32; DIMENSIONS], i64) {
        // As many as a text of letters has, which shows three or four groups a letter.
        let mut places = Vec::with_capacity(text.len() * 4);
        features::each(text, script, |place| places.push(place as u16));
        let groups = places.len() as i64;
        let sum = Arch::new().dispatch(Sum { vectors: &self.vectors, places: &places });
        // Sixteen million groups of the largest numbers would be more, and so much is never looked at.
        (sum.map(|sum| sum.clamp(i32::MIN.into(), i32::MAX.into()) as i32), groups)
    }

    /// Writes the model in the form that [`Model::read`] reads: how many classes there are and the divisor; of each
    /// class its code, its script, whether it is told, its bias and weights; the vectors. Numbers are little-endian.
    pub fn write(&self) -> Vec<u8> {
        let mut data = Vec::new();
        data.extend((self.classes.len() as u16).to_le_bytes());
        data.extend(self.divisor.to_le_bytes());
        for class in &self.classes {
            data.extend(class.code.bytes());
            data.extend([class.script.0, class.is_told.into()]);
            data.extend(class.bias.to_le_bytes());
            data.extend(class.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        }
        data.extend(self.vectors.iter().map(|&value| value.cast_unsigned()));
        data
    }

    /// Reads what [`Model::write`] wrote; `None` where it is cut short or no such thing.
    pub fn read(data: &[u8]) -> Option<Model> {
        const CLASS: usize = 3 + 2 + 2 + 2 * DIMENSIONS;
        let (&length, rest) = data.split_first_chunk()?;
        let (&divisor, rest) = rest.split_first_chunk()?;
        let (classes, vectors) = rest.split_at_checked(usize::from(u16::from_le_bytes(length)) * CLASS)?;
        let number = |bytes: &[u8]| i16::from_le_bytes([bytes[0], bytes[1]]);
        let class = |bytes: &[u8]| {
            let mut weights = [0; DIMENSIONS];
            weights.iter_mut().zip(bytes[7..].chunks_exact(2)).for_each(|(weight, bytes)| *weight = number(bytes));
            Class {
                code: String::from_utf8_lossy(&bytes[..3]).into_owned(),
                script: Script(bytes[3]),
                is_told: bytes[4] == 1,
                bias: number(&bytes[5..]),
                weights,
            }
        };
        (vectors.len() == PLACES * DIMENSIONS).then(|| {
            let vectors = vectors.iter().map(|&byte| byte.cast_signed()).collect();
            Model::new(classes.chunks_exact(CLASS).map(class).collect(), u32::from_le_bytes(divisor), vectors)
        })
    }
}

/// How many groups of letters prove half as much again as few do; with ever more of them the proof is doubled.
const HALF: i64 = 200;

/// How many vectors are added up in sixteen bits: 128 times 128 is less than these hold.
const TOGETHER: usize = 128;

/// The sum of the vectors of places, made for newer processors too.
struct Sum<'a> {
    vectors: &'a [i8],
    places: &'a [u16],
}

impl NullaryFnOnce for Sum<'_> {
    type Output = [i64; DIMENSIONS];

    #[inline(always)]
    fn call(self) -> [i64; DIMENSIONS] {
        let mut sum = [0i64; DIMENSIONS];
        let vectors = self.vectors.as_chunks::<DIMENSIONS>().0;
        for places in self.places.chunks(TOGETHER) {
            let mut part = [0i16; DIMENSIONS];
            for vector in places.iter().filter_map(|&place| vectors.get(usize::from(place))) {
                for (part, &value) in part.iter_mut().zip(vector) {
                    *part += i16::from(value);
                }
            }
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += i64::from(part);
            }
        }
        sum
    }
}

/// A sum of vectors weighed by each class, made for newer processors too.
struct Products<'a> {
    classes: &'a [Class],
    sum: &'a [i32; DIMENSIONS],
    /// [`Model::heaviest`].
    heaviest: i64,
}

impl Products<'_> {
    /// The sum in sixteen bits, where these hold it and thirty-two hold every product and sum of products: there is an
    /// instruction for sixteen of them. That of a few hundred letters is nearly always so small.
    #[inline(always)]
    fn narrow(&self) -> Option<[i16; DIMENSIONS]> {
        let most = self.sum.iter().fold(0, |most, &sum| i64::from(sum).abs().max(most));
        (most <= i16::MAX.into() && most * self.heaviest <= i32::MAX.into()).then(|| self.sum.map(|sum| sum as i16))
    }
}

impl NullaryFnOnce for Products<'_> {
    type Output = Vec<i64>;

    #[inline(always)]
    fn call(self) -> Vec<i64> {
        let Products { classes, sum, .. } = self;
        // A plain loop: what collects is not inlined, and so is not made for newer processors.
        let mut products = Vec::with_capacity(classes.len());
        if let Some(sum) = self.narrow() {
            for class in classes {
                let mut product = 0;
                for (&weight, &sum) in class.weights.iter().zip(&sum) {
                    product += i32::from(weight) * i32::from(sum);
                }
                products.push(i64::from(product));
            }
            return products;
        }
        for class in classes {
            let mut product = 0;
            for (&weight, &sum) in class.weights.iter().zip(sum) {
                // Thirty-two bits times thirty-two: there is an instruction for it.
                product += i64::from(i32::from(weight)) * i64::from(sum);
            }
            products.push(product);
        }
        products
    }
}

/// A quotient, rounded towards 0. Numbers of so few bits have the same in floating point, where it is found faster: it
/// would have to be nearer to the next integer than one in 2⁵² to be rounded to it.
fn quotient(part: i64, whole: i64) -> i64 {
    const EXACT: u64 = 1 << 52;
    if part.unsigned_abs() < EXACT && whole.unsigned_abs() < EXACT {
        (part as f64 / whole as f64) as i64
    } else {
        part / whole
    }
}

/// e to a score of 0 or less, where 1 is 2³⁰.
fn exponential(score: i64) -> u64 {
    const STEPS: usize = 16;
    // By sixteenths of a nat, up to sixteen nats.
    static TABLE: LazyLock<Vec<u64>> = LazyLock::new(|| {
        // e^(-1/16) in 2³².
        const STEP: u64 = 4_034_748_606;
        std::iter::successors(Some(1u64 << 30), |last| Some((last * STEP) >> 32)).take(STEPS * STEPS).collect()
    });
    TABLE.get((-score * STEPS as i64 / NAT) as usize).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_those_of_integers() {
        let mut state = 7u64;
        let mut next = |bits: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> (64 - bits)) as i64
        };
        for bits in (2..=63).cycle().take(100_000) {
            let (part, whole) = (next(bits), next(bits / 2 + 1) + 1);
            for part in [part, -part, part / whole * whole, part / whole * whole - 1, part / whole * whole + 1] {
                assert_eq!(quotient(part, whole), part / whole, "{part} / {whole}");
            }
        }
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        let class = Class {
            code: "xxx".to_string(),
            script: Script(3),
            is_told: true,
            bias: -5,
            weights: std::array::from_fn(|at| at as i16 * -700),
        };
        let model = Model::new(vec![class], 77, vec![-3; PLACES * DIMENSIONS]);
        let data = model.write();
        assert_eq!(Model::read(&data), Some(model));
        assert_eq!(Model::read(&data[..data.len() - 1]), None);
    }

    #[test]
    fn sums_are_the_same_on_every_processor() {
        let vectors: Vec<i8> = (0..DIMENSIONS * 40).map(|at| (at * 37 % 256) as u8 as i8).collect();
        let places: Vec<u16> = (0..300).map(|at| at * 7 % 41).collect();
        let sum = || Sum { vectors: &vectors, places: &places };
        assert_eq!(Arch::new().dispatch(sum()), sum().call());
        let lowest = vec![i8::MIN; DIMENSIONS];
        assert_eq!(Sum { vectors: &lowest, places: &[0; 1000] }.call(), [-128_000; DIMENSIONS]);
    }

    #[test]
    fn the_exponential_falls_from_one_to_nothing() {
        assert_eq!(exponential(0), 1 << 30);
        let third = exponential(-NAT) as f64 / f64::from(1 << 30);
        assert!((third - (-1f64).exp()).abs() < 1e-4, "{third}");
        assert_eq!(exponential(-40 * NAT), 0);
    }
}
