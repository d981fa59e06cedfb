use std::time::Duration;

use async_trait::async_trait;
use lanyard_core::provider::{Person, ProviderError, Redirect, RedirectRule, UserCode};
use lanyard_core::{RedirectAnswer, check_redirect};
use url::Url;

/// A person who signs in on the stand-in's page, without a window.
pub(crate) struct Browser {
    pub(crate) username: &'static str,
    pub(crate) password: &'static str,
    pub(crate) denies: bool,
}

pub(crate) const MARIA: Browser =
    Browser { username: "maria", password: "correct-horse", denies: false };

struct Tab {
    browser: Browser,
    uri: Url,
}

#[async_trait]
impl Person for Browser {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        let uri = Url::parse(&format!("http://{}:4711{}", rule.host, rule.path)).unwrap();
        let Self { username, password, denies } = *self;
        Ok(Box::new(Tab { browser: Browser { username, password, denies }, uri }))
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        panic!("nobody asked for the code {}", code.code)
    }

    async fn pause(&self, _: Duration) {}
}

impl Browser {
    fn form(&self, transaction: &str) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("transaction", transaction);
        form.append_pair("username", self.username);
        form.append_pair("password", self.password);
        if self.denies {
            form.append_pair("deny", "1");
        }
        form.finish()
    }
}

#[async_trait]
impl Redirect for Tab {
    fn uri(&self) -> &Url {
        &self.uri
    }

    async fn visit(
        self: Box<Self>,
        page: Url,
        state: String,
    ) -> Result<RedirectAnswer, ProviderError> {
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let origin = page.origin().ascii_serialization();
        let html = http.get(page).send().await.unwrap().text().await.unwrap();
        let marker = "name=\"transaction\" value=\"";
        let start =
            html.find(marker).unwrap_or_else(|| panic!("no login page: {html}")) + marker.len();
        let transaction = html[start..].split('"').next().unwrap();
        let form = self.browser.form(transaction);
        let answer = http
            .post(format!("{origin}/login"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        Ok(check_redirect(&Url::parse(location).unwrap(), &self.uri, &state).unwrap())
    }
}
