//! Sums of trees by AVX2: thirty-two lines to a register, a leaf's score looked up by shuffles of bytes.

use std::arch::x86_64::{__m128i, __m256i};

use pulp::NullaryFnOnce;
use pulp::x86::V3;

use super::super::columns::{Columns, LEVELS};
use super::{DEPTH, Leaves, Tree};

/// So many trees at least are summed in 16 bits.
const TREES: usize = (u16::MAX / u8::MAX as u16) as usize;

/// Lines of a register of bytes.
const WIDTH: usize = 32;

/// The sums of the lines of a register, above the least leaves.
#[derive(Clone, Copy)]
struct Sums {
    /// Of few trees, a byte a line.
    few: __m256i,
    /// Of those before them, two bytes a line: those that unpacking puts low and high.
    many: [__m256i; 2],
}

/// Adds the trees' scores of a page's lines.
pub(super) fn add_scores(simd: V3, trees: &[Tree], columns: &Columns, scores: &mut [i32]) {
    simd.vectorize(Addition { simd, trees, columns, scores });
}

struct Addition<'a> {
    simd: V3,
    trees: &'a [Tree],
    columns: &'a Columns,
    scores: &'a mut [i32],
}

impl NullaryFnOnce for Addition<'_> {
    type Output = ();

    // What is not inlined here is not compiled for AVX2: closures may not be.
    #[inline(always)]
    fn call(self) {
        let Addition { simd, trees, columns, scores } = self;
        let zero = simd.avx._mm256_setzero_si256();
        let none = Sums { few: zero, many: [zero; 2] };
        let mut sums = vec![none; columns.lines().div_ceil(WIDTH)];
        for trees in trees.chunks(TREES) {
            sums.fill(none);
            // What bytes still hold.
            let mut room = u8::MAX;
            for tree in trees {
                match room.checked_sub(tree.leaves.range) {
                    Some(left) => room = left,
                    None => {
                        sums.iter_mut().for_each(|sums| settle(simd, sums));
                        room = u8::MAX - tree.leaves.range;
                    }
                }
                add_tree(simd, tree, columns, &mut sums);
            }
            let least = trees.iter().map(|tree| tree.leaves.least()).sum();
            for (scores, sums) in scores.chunks_exact_mut(WIDTH).zip(&mut sums) {
                settle(simd, sums);
                add_sums(sums, least, scores);
            }
        }
    }
}

/// Adds the sums of few trees to those of many.
#[inline(always)]
fn settle(simd: V3, sums: &mut Sums) {
    let zero = simd.avx._mm256_setzero_si256();
    let [low, high] = sums.many;
    let (few_low, few_high) =
        (simd.avx2._mm256_unpacklo_epi8(sums.few, zero), simd.avx2._mm256_unpackhi_epi8(sums.few, zero));
    sums.many = [simd.avx2._mm256_add_epi16(low, few_low), simd.avx2._mm256_add_epi16(high, few_high)];
    sums.few = zero;
}

#[inline(always)]
fn add_tree(simd: V3, tree: &Tree, columns: &Columns, sums: &mut [Sums]) {
    let blocks = sums.len();
    let mut asked: [&[[u8; WIDTH]]; DEPTH] = [&[]; DEPTH];
    let mut least_yes = [simd.avx._mm256_setzero_si256(); DEPTH];
    for (level, split) in tree.splits.iter().enumerate() {
        asked[level] = columns.all_lanes(usize::from(split.column), split.shift, blocks);
        least_yes[level] = simd.avx._mm256_set1_epi8(split.above.min(LEVELS as u8) as i8 + 1);
    }
    let mut choices = least_yes;
    for (choice, sixteen) in choices.iter_mut().zip(&tree.leaves.choices) {
        let table: __m128i = pulp::cast(*sixteen);
        *choice = simd.avx2._mm256_broadcastsi128_si256(table);
    }
    for (block, sums) in sums.iter_mut().enumerate() {
        let mut noes = least_yes;
        for level in 0..DEPTH {
            // Values are below 64, so that signed bytes do as well.
            noes[level] = simd.avx2._mm256_cmpgt_epi8(least_yes[level], pulp::cast(asked[level][block]));
        }
        sums.few = simd.avx2._mm256_add_epi8(sums.few, look_up(simd, &choices, &noes));
    }
}

/// Each line's leaf above the least one. The first four answers choose a byte of sixteen, which is what a shuffle does;
/// the last two say which of four such choices count.
#[inline(always)]
fn look_up(simd: V3, choices: &[__m256i; DEPTH], noes: &[__m256i; DEPTH]) -> __m256i {
    let mut place = simd.avx2._mm256_and_si256(noes[0], simd.avx._mm256_set1_epi8(1));
    for (level, &no) in noes[..4].iter().enumerate().skip(1) {
        let bit = simd.avx2._mm256_and_si256(no, simd.avx._mm256_set1_epi8(1 << level));
        place = simd.avx2._mm256_or_si256(place, bit);
    }
    let mut chosen = *choices;
    for choice in &mut chosen[..4] {
        *choice = simd.avx2._mm256_shuffle_epi8(*choice, place);
    }
    let [both, fifth, sixth, neither, ..] = chosen;
    let (sixth_yes, sixth_no) = (changed(simd, both, noes[4], fifth), changed(simd, sixth, noes[4], neither));
    changed(simd, sixth_yes, noes[5], sixth_no)
}

/// A choice, changed where an answer is no.
#[inline(always)]
fn changed(simd: V3, choice: __m256i, no: __m256i, change: __m256i) -> __m256i {
    simd.avx2._mm256_xor_si256(choice, simd.avx2._mm256_and_si256(no, change))
}

/// Adds sums to the scores of their lines; `least` are the steps of the least leaves.
fn add_sums(sums: &Sums, least: i32, scores: &mut [i32]) {
    // Unpacking takes the lines of a register by eights, in this order.
    const ORDER: [[usize; 2]; 2] = [[0, 16], [8, 24]];
    for (&sum, order) in sums.many.iter().zip(ORDER) {
        let sum: [[u16; 8]; 2] = pulp::cast(sum);
        for (sum, from) in sum.iter().zip(order) {
            for (score, &sum) in scores[from..from + 8].iter_mut().zip(sum) {
                *score += (i32::from(sum) + least) * Leaves::STEP;
            }
        }
    }
}
