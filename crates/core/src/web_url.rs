use std::fmt;

use url::{Host, Url};

/// An address that Lanyard may talk to or open: `https`, or `http` on loopback, without user info,
/// and without a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl {
    url: Url,
    text: String,
}

/// Why an address is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebUrlError {
    /// It does not read as an absolute address.
    #[error("this is not an absolute URL")]
    Malformed,
    /// It is `javascript:`, `file:` or another scheme.
    #[error("only https addresses are used, and http on 127.0.0.1, [::1] and localhost")]
    Scheme,
    /// It carries a user name, a password or a fragment.
    #[error("the URL may hold no user name, password or fragment")]
    Extra,
}

impl WebUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, WebUrlError> {
        if text.len() > 8192 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(WebUrlError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| WebUrlError::Malformed)?;
        let safe = match url.scheme() {
            "https" => url.host().is_some(),
            "http" => host_is_loopback(&url),
            _ => false,
        };
        if !safe {
            return Err(WebUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(WebUrlError::Extra);
        }
        Ok(Self { url, text: text.to_owned() })
    }

    /// Returns the parsed address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the address as it was written: issuers are compared to the letter.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

/// Returns whether the address names this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
pub fn host_is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_schemes_and_plain_http_elsewhere_are_refused() {
        let bad = [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "http://id.example.com",
            "ftp://x",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "data:text/html,x",
        ];
        for text in bad {
            assert_eq!(WebUrl::parse(text), Err(WebUrlError::Scheme), "{text}");
        }
    }

    #[test]
    fn user_info_control_characters_and_fragments_are_refused() {
        assert_eq!(WebUrl::parse("https://contoso.com@evil.example/"), Err(WebUrlError::Extra));
        assert_eq!(WebUrl::parse("https://a.example/#x"), Err(WebUrlError::Extra));
        assert_eq!(WebUrl::parse("https://a.exa\nmple/"), Err(WebUrlError::Malformed));
        assert_eq!(WebUrl::parse(""), Err(WebUrlError::Malformed));
    }

    #[test]
    fn look_alike_hosts_are_shown_in_punycode() {
        let url = WebUrl::parse("https://login.mіcrosoftonline.com/").unwrap();
        assert!(url.to_string().contains("xn--"), "{url}");
    }

    #[test]
    fn plain_http_is_used_on_loopback() {
        assert!(WebUrl::parse("http://127.0.0.1:8080/x").is_ok());
        assert!(WebUrl::parse("http://[::1]:8080/x").is_ok());
    }
}
