//! Rows of tables whose columns have types, as Parquet has them: what goes on with a page that was such a row, whoever
//! has read it and whatever it is written to.
//!
//! No file is touched here. A row keeps its columns as they came, and is made JSON or bytes of a shard where somebody
//! asks for that.

#[cfg(feature = "parquet")]
mod plain;
#[cfg(feature = "parquet")]
pub mod shard;
#[cfg(feature = "parquet")]
mod typed;

#[cfg(feature = "parquet")]
pub use plain::{plain, plain_schema};
#[cfg(feature = "parquet")]
pub use typed::{Table, TableRow};

/// What a build without Parquet says where it meets a file of it, or is asked for one.
pub const ABSENT: &str = "this dechaff was built without Parquet; the releases and the Python package (pip install dechaff) \
    have it, and so has a build with `--features parquet`";

/// A row of a table: there is none in a build without Parquet.
#[cfg(not(feature = "parquet"))]
#[derive(Debug)]
pub enum TableRow {}
