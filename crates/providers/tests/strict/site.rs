//! A person who goes through the pages of the certified `oidc-provider`, form by form.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use lanyard_core::provider::{Person, ProviderError, Redirect, RedirectRule, UserCode};
use lanyard_core::{RedirectAnswer, check_redirect};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use url::Url;

/// More pages than any sign-in has.
const MOST: usize = 20;

/// The person, with what their browser keeps.
#[derive(Default, Clone)]
pub(crate) struct Visitor(std::sync::Arc<Mutex<BTreeMap<String, String>>>);

struct Tab(Visitor, Url);

#[async_trait]
impl Person for Visitor {
    async fn expect_redirect(
        &self,
        rule: RedirectRule,
    ) -> Result<Box<dyn Redirect>, ProviderError> {
        let uri = Url::parse(&format!("http://{}:4711{}", rule.host, rule.path)).unwrap();
        Ok(Box::new(Tab(self.clone(), uri)))
    }

    async fn show_code(&self, code: UserCode) -> Result<(), ProviderError> {
        assert_eq!(self.go(code.page_with_code.unwrap().url().clone()).await, None);
        Ok(())
    }

    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl Redirect for Tab {
    fn uri(&self) -> &Url {
        &self.1
    }

    async fn visit(
        self: Box<Self>,
        page: Url,
        state: String,
    ) -> Result<RedirectAnswer, ProviderError> {
        let end = self.0.go(page).await.expect("the pages lead back");
        Ok(check_redirect(&end, &self.1, &state).unwrap())
    }
}

impl Visitor {
    /// Fills in every form until the pages lead elsewhere, or there is none more.
    async fn go(&self, page: Url) -> Option<Url> {
        let (origin, mut next) = (page.origin(), (page, None));
        for _ in 0..MOST {
            let (url, form) = next;
            if url.origin() != origin {
                return Some(url);
            }
            let (location, html) = self.load(&url, form).await;
            next = match (location, form_of(&html)) {
                (Some(location), _) => (url.join(&location).unwrap(), None),
                (None, Some((action, fields))) => (url.join(&action).unwrap(), Some(fields)),
                (None, None) => return None,
            };
        }
        panic!("the pages have no end")
    }

    async fn load(&self, url: &Url, form: Option<String>) -> (Option<String>, String) {
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(none).build().unwrap();
        let cookies: Vec<String> =
            self.0.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = match form {
            Some(form) => http
                .post(url.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
            None => http.get(url.clone()),
        };
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            self.0.lock().unwrap().insert(name.to_owned(), value);
        }
        let location = answer.headers().get(LOCATION).map(|it| it.to_str().unwrap().to_owned());
        (location, answer.text().await.unwrap())
    }
}

/// Returns where the first form of a page leads, and what it sends.
fn form_of(html: &str) -> Option<(String, String)> {
    let (_, rest) = html.split_once("<form")?;
    let (form, _) = rest.split_once("</form>")?;
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for input in form.split("<input").skip(1) {
        let Some(name) = attribute(input, "name") else { continue };
        let typed = if name == "login" { Some("maria".to_owned()) } else { None };
        fields.append_pair(&name, &typed.or(attribute(input, "value")).unwrap_or("x".into()));
    }
    Some((attribute(form, "action")?, fields.finish()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split('>').next()?.split_once(&format!("{name}=\""))?;
    Some(rest.split('"').next()?.to_owned())
}
