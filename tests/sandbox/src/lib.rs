//! Strict stand-ins.
