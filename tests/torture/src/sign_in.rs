use std::path::Path;
use std::process::Command;

use lanyard_e2e::{Lanyard, ended};

/// Signs in at the provider's own pages, without a browser: there are hundreds of sign-ins.
///
/// # Panics
/// If that fails.
pub(crate) fn sign_in(lanyard: &Lanyard, folder: &Path) {
    let (mut login, url) = lanyard.begin_login("company");
    let cookies = folder.join("cookies");
    drop(std::fs::remove_file(&cookies));
    let page = visit(&cookies, &url, None);
    let page = visit(&cookies, &page, Some("prompt=login&login=maria&password=x"));
    visit(&cookies, &page, Some("prompt=consent"));
    ended(&mut login).ok();
}

/// Follows a page, or the sending of its form, to the page that comes in the end.
fn visit(cookies: &Path, url: &str, form: Option<&str>) -> String {
    let mut command = Command::new("curl");
    command.args(["-sSfL", "-m", "20", "-o", "/dev/null", "-w", "%{url_effective}"]);
    command.arg("-c").arg(cookies).arg("-b").arg(cookies).arg(url);
    command.args(form.iter().flat_map(|form| ["-d", form]));
    let output = command.output().expect("curl is there");
    assert!(output.status.success(), "{url}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
