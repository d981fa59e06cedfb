//! One file for each table.

pub(crate) mod accounts;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod audit_chain;
pub(crate) mod choices;
pub(crate) mod grants;
pub(crate) mod settings;
pub(crate) mod summaries;
pub(crate) mod tenants;
pub(crate) mod tokens;
