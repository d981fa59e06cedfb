use lanyard_core::config::{parse, remove_profile};
use lanyard_providers::DESCRIPTORS;

/// The config file: a mistake has a line, and what was taken can be edited.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let config = match parse(text, DESCRIPTORS) {
        Ok(config) => config,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    for name in config.profiles.keys() {
        let edited = remove_profile(text, name, DESCRIPTORS).expect("a profile can be taken out");
        let left = parse(&edited, DESCRIPTORS).expect("the file is still in order");
        assert_eq!(left.profiles.len() + 1, config.profiles.len());
    }
}
