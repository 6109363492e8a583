//! Tables of many literals, made in no time and searched at the price of a few: whole lines, lines' edges,
//! anywhere in a line. Whose the literals are is for others to know: they are told of by their numbers.

pub(super) mod edges;
pub(super) mod grams;
pub(super) mod keys;
pub(super) mod packed;
pub(super) mod pool;
pub(super) mod whole;

mod buckets;
mod sieve;
