use super::finding::{Finding, State};
use crate::output;

/// Prints what was found.
pub(super) fn show(findings: &[Finding], json: bool) {
    if json {
        return output::answer_json(&findings);
    }
    output::answer(&text(findings));
}

/// Returns the findings in their groups, one line each, and what repairs them below.
pub(super) fn text(findings: &[Finding]) -> String {
    let width = findings.iter().map(|it| it.name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    let mut group = "";
    for finding in findings {
        if finding.group != group {
            group = finding.group;
            lines.push(format!("{}{group}", if lines.is_empty() { "" } else { "\n" }));
        }
        lines.push(format!("  {}  {:width$}  {}", mark(finding.state), finding.name, finding.what));
        let below = finding.repair.iter().cloned();
        let below = below.chain(finding.detail.iter().map(|detail| format!("({detail})")));
        lines.extend(below.map(|line| format!("{:indent$}{line}", "", indent = width + 10)));
    }
    lines.push(format!("\n{}", summary(findings)));
    lines.join("\n")
}

/// Four letters each: they need no colour to be told apart.
const fn mark(state: State) -> &'static str {
    match state {
        State::Ok => "ok  ",
        State::Warn => "warn",
        State::Fail => "FAIL",
        State::Skipped => "-   ",
    }
}

pub(super) fn summary(findings: &[Finding]) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (ok, warn) = (count(State::Ok), count(State::Warn));
    let (fail, skipped) = (count(State::Fail), count(State::Skipped));
    format!("{fail} failed, {warn} to look at, {ok} fine, {skipped} not looked at")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_marks_and_repairs_stand_in_columns() {
        let of = |finding: Finding, group| Finding { group, ..finding };
        let findings = [
            of(Finding::ok("a", "fine"), "one"),
            of(Finding::fail("long", "bad").repair("mend it").detail("why"), "one"),
            of(Finding::skipped("b", "no"), "two"),
        ];
        let expected = "one\n  ok    a     fine\n  FAIL  long  bad\n              mend it\n              (why)\n\
             \ntwo\n  -     b     no\n\n1 failed, 0 to look at, 1 fine, 1 not looked at";
        assert_eq!(text(&findings), expected);
    }
}
