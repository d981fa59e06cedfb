use std::fmt;

/// What was done, and what came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Tokens that ran out.
    pub expiries: u32,
    /// Brokers that were killed.
    pub killed_brokers: u32,
    /// Clients that were killed.
    pub killed_clients: u32,
    /// Brokers and clients that were suspended for a while.
    pub suspended: u32,
    /// Jumps of the clock.
    pub jumps: u32,
    /// Times when the provider or the way to it failed.
    pub outages: u32,
    /// Rotations whose answer reached nobody.
    pub unanswered: u32,
    /// Sign-ins that ended by such a rotation: nothing could have kept them.
    pub in_window: u32,
    /// What must not happen: sign-ins lost otherwise, tokens that were over, clients that hung.
    pub lost: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} expiries; killed {} brokers and {} clients, suspended {}, {} clock jumps, {} outages; \
             {} rotations unanswered, {} sign-ins lost by them; {} lost otherwise",
            self.expiries,
            self.killed_brokers,
            self.killed_clients,
            self.suspended,
            self.jumps,
            self.outages,
            self.unanswered,
            self.in_window,
            self.lost.len()
        )
    }
}
