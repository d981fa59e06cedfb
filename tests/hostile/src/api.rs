use lanyard_api::{Event, Problem, ReturnCall, SignInCall, TokenCall};
use lanyard_core::Code;

/// The calls of the socket: what is understood is understood again after it was written anew.
pub fn api_call(bytes: &[u8]) {
    if let Ok(call) = serde_json::from_slice::<TokenCall>(bytes) {
        let written = serde_json::to_vec(&call).expect("a call can be written");
        let again: TokenCall = serde_json::from_slice(&written).expect("and read");
        assert_eq!(format!("{call:?}"), format!("{again:?}"));
    }
    if let Ok(call) = serde_json::from_slice::<SignInCall>(bytes) {
        let written = serde_json::to_vec(&call).expect("a call can be written");
        drop(serde_json::from_slice::<SignInCall>(&written).expect("and read"));
    }
    drop(serde_json::from_slice::<ReturnCall>(bytes));
}

/// The answers of a broker, which may be another version or no broker at all.
pub fn problem(bytes: &[u8]) {
    drop(serde_json::from_slice::<Event>(bytes));
    let Ok(problem) = serde_json::from_slice::<Problem>(bytes) else { return };
    let code = problem.code;
    let failure = problem.into_failure();
    assert!(failure.code.exit_code() > 0, "a failure is never a success");
    assert_eq!(Problem::of(failure).code, code);
    assert!(code == Code::Unknown || Code::ALL.contains(&code));
}
