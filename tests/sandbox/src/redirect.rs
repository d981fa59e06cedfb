//! Where an answer may be sent.

use url::{Host, Url};

/// A registered redirect URI.
#[derive(Clone, Debug)]
pub enum Redirect {
    /// `http` on 127.0.0.1, `[::1]` or `localhost`, any port, exactly this path (RFC 8252, 7.3).
    Loopback {
        /// With its leading slash.
        path: String,
    },
    /// This text, character for character.
    Exact(String),
}

impl Redirect {
    /// Says whether `uri` is this registered one.
    pub(crate) fn permits(&self, uri: &str) -> bool {
        match self {
            Self::Exact(registered) => registered == uri,
            Self::Loopback { path } => is_loopback(uri, path),
        }
    }
}

/// Returns `uri` with `fields` added to its query.
pub(crate) fn with_fields(uri: &str, fields: &[(&str, &str)]) -> String {
    let mut url = Url::parse(uri).expect("registered redirect URIs are URLs");
    url.query_pairs_mut().extend_pairs(fields);
    url.into()
}

fn is_loopback(uri: &str, path: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    // The parser tidies addresses such as `http://127.1/a/../callback`; what it changes is refused.
    let untouched = url.as_str() == uri || url.as_str() == format!("{uri}/");
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    untouched && loopback && plain && url.scheme() == "http" && url.path() == path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_port_of_the_three_loopback_names_is_permitted() {
        for uri in ["http://127.0.0.1:5/cb", "http://[::1]:6/cb", "http://localhost:7/cb"] {
            assert!(permits(uri), "{uri}");
        }
    }

    #[test]
    fn what_differs_from_the_registration_is_refused() {
        for uri in [
            "https://127.0.0.1:5/cb",
            "http://127.0.0.2:5/cb",
            "http://127.1:5/cb",
            "http://localhost.example:5/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://u@127.0.0.1:5/cb",
            "http://127.0.0.1:5/cb/",
            "http://127.0.0.1:5/CB",
            "http://127.0.0.1:5/x/../cb",
            "http://127.0.0.1:5/cb?x=1",
            "http://127.0.0.1:5/cb#x",
        ] {
            assert!(!permits(uri), "{uri}");
        }
    }

    #[test]
    fn the_bare_origin_is_the_root_path() {
        assert!(Redirect::Loopback { path: "/".into() }.permits("http://localhost:7"));
    }

    fn permits(uri: &str) -> bool {
        Redirect::Loopback { path: "/cb".into() }.permits(uri)
    }
}
