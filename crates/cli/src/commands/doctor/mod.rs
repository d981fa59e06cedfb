//! What is wrong on this machine, and the command or click that repairs it.

mod broker;
mod bundle;
mod bus;
mod cache;
mod config;
mod desktop;
mod files;
mod finding;
mod install;
mod kernel;
mod keyring;
mod network;
mod programs;
mod run;
mod scene;
mod scrub;
mod show;

pub(super) use run::run;
