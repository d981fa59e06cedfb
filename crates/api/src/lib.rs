//! The contract of the broker's socket: every call, reply and event, once. The OpenAPI document
//! and the web view's TypeScript are made from these types.
//!
//! Unknown fields of a call are refused; unknown fields of a reply are ignored.

mod account;
mod openapi;
mod problem;
mod profile;
mod prompt;
mod sign_in;
mod status;
mod token;
mod typescript;

pub use account::{AccountReply, LastErrorReply, SignOutReply};
pub use openapi::{OPERATIONS, openapi};
pub use problem::{PROBLEM_JSON, Problem};
pub use profile::{FieldReply, MethodReply, ProfileReply, ProviderReply, StrapReply};
pub use prompt::{
    AnswerCall, AnswerKind, ApprovalReply, AuditCheckReply, BackupCall, BackupReply, ChangeReply,
    ChoiceReply, DoneReply, EvidenceReply, KeyPlace, LockReply, PromptKind, PromptReply, RekeyCall,
    RekeyReply, ShowCall, ShowReply, Showing, TerminalAnswerCall, UnlockCall,
};
pub use sign_in::{DeviceReply, ReturnCall, SignInCall, SignInPhase, SignInReply};
pub use status::{AuditReply, BrokerReply, Event, StatusReply};
pub use token::{DpopCall, TokenCall, TokenKind, TokenReply, TokenSource};
pub use typescript::typescript;

/// The version of the socket's contract; the first part of every path.
pub const VERSION: &str = "v1";

/// Largest body of a call or reply, in bytes.
pub const LARGEST_BODY: usize = 1 << 20;
