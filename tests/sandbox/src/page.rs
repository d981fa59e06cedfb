//! What people see in the browser.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::header::{HeaderValue, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use crate::oauth::authorize::AuthorizeRequest;

/// A form for a username and a password.
#[derive(Debug)]
pub(crate) struct LoginPage<'a> {
    /// Where the person signs in.
    pub(crate) place: &'a str,
    /// The form's one-time id.
    pub(crate) id: &'a str,
    /// Which application asks, for what, and where the answer goes.
    pub(crate) request: &'a AuthorizeRequest,
    /// What was wrong with the last try.
    pub(crate) problem: Option<&'a str>,
    /// Username, password and display name of each demo account.
    pub(crate) hints: Vec<[String; 3]>,
}

impl LoginPage<'_> {
    /// Returns the page with its protecting headers.
    pub(crate) fn render(&self) -> Response {
        let title = format!("Lanyard sandbox: sign in to {} (demo)", escaped(self.place));
        let problem = self.problem.map_or_else(String::new, |text| {
            format!(r#"<p id="error" class="problem" role="alert">{}</p>"#, escaped(text))
        });
        let body = include_str!("page/login.html")
            .replace("{{title}}", &title)
            .replace("{{problem}}", &problem)
            .replace("{{client}}", &escaped(&self.request.client_id))
            .replace("{{transaction}}", self.id)
            .replace("{{scopes}}", &escaped(&self.request.scopes.join(", ")))
            .replace("{{hint}}", &self.first_hint())
            .replace("{{others}}", &self.other_hints())
            .replace("{{username}}", &escaped(self.request.login_hint.as_deref().unwrap_or("")));
        protected(StatusCode::OK, body, &form_targets(&self.request.redirect_uri))
    }

    fn first_hint(&self) -> String {
        self.hints.first().map_or_else(String::new, hint_line)
    }

    fn other_hints(&self) -> String {
        let lines = self.hints.iter().skip(1).map(|hint| format!("<li>{}</li>", hint_line(hint)));
        lines.collect()
    }
}

/// Returns a page for a request that must not be answered by a redirect.
pub(crate) fn refusal(message: &str) -> Response {
    let body = include_str!("page/refusal.html").replace("{{message}}", &escaped(message));
    protected(StatusCode::BAD_REQUEST, body, "'none'")
}

/// Returns the page for a device code.
pub(crate) fn device(code: &str, message: Option<&str>) -> Response {
    let body = include_str!("page/device.html")
        .replace("{{message}}", &escaped(message.unwrap_or_default()))
        .replace("{{code}}", &escaped(code));
    protected(StatusCode::OK, body, "'self'")
}

/// Serves the style sheet of all pages.
pub(crate) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page/style.css"))
}

fn hint_line([username, password, name]: &[String; 3]) -> String {
    let (username, password) = (escaped(username), escaped(password));
    let name = escaped(name);
    format!(r#"<code>{username}</code> / <code>{password}</code> <bdi class="name">{name}</bdi>"#)
}

/// Returns where the form may lead. Chromium applies the rule to the redirect after the form too,
/// and the rule has no syntax for IPv6 addresses.
fn form_targets(redirect_uri: &str) -> String {
    let target = Url::parse(redirect_uri).map(|url| url.origin().ascii_serialization());
    match target {
        Ok(origin) if !origin.contains('[') => format!("'self' {origin}"),
        Ok(_) | Err(_) => "'self' http:".into(),
    }
}

fn protected(status: StatusCode, body: String, form_action: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action {form_action}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = (status, Html(body)).into_response();
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_SECURITY_POLICY, policy.parse().expect("origins are visible ASCII")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    response.headers_mut().extend(headers);
    response
}

/// Returns `text` for use in HTML text and in quoted attributes. Placeholders are broken up too,
/// because the template is filled in several passes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '{' => out.push_str("&#123;"),
            control if control.is_control() => out.push('\u{fffd}'),
            plain => out.push(plain),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_quotes_placeholders_and_control_characters_are_harmless() {
        let harmless = "&lt;b a=&quot;&#39;&quot;&gt;&amp;&#123;&#123;x}}\u{fffd}";
        assert_eq!(escaped("<b a=\"'\">&{{x}}\u{1b}"), harmless);
    }
}
