//! The keys of a cache file, and who holds them.

mod holder;
mod keys_file;
mod set;
mod wrap;

pub(crate) use holder::is_empty;
pub use holder::{KeyHolder, is_passphrase_new, keyfile_path};
pub(crate) use keys_file::{explain, keyfile_salts, keys_path, sealed_salts};
pub use set::CacheKeys;
pub(crate) use set::{
    UNKNOWN_SALT, bytes_of, decode, encode, parse_file_key, parse_salt, parse_seal_key, secret_hex,
    unhex,
};
pub(crate) use wrap::Wrapped;
