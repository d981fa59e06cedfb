//! Reads one value of the file, or says where and what was expected.

use std::time::Duration;

use toml_edit::{Item, TableLike};

use super::{ConfigError, Rule, SecretRef, Value};
use crate::descriptor::{Field, FieldKind};
use crate::{WebUrl, plain_line};

/// A table of the file with its name, for errors.
pub(super) struct Place<'a> {
    pub(super) source: &'a str,
    pub(super) name: String,
    pub(super) table: &'a dyn TableLike,
}

impl<'a> Place<'a> {
    /// Returns the error for `key`.
    pub(super) fn error(&self, key: &str, problem: &str, expected: &str) -> ConfigError {
        let item = self.table.get_key_value(key);
        let span = item.and_then(|(key, item)| key.span().or_else(|| item.span()));
        let offset = span.map_or(0, |span| span.start);
        let line = self.source.get(..offset).map_or(1, |before| before.matches('\n').count() + 1);
        let key =
            if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        ConfigError { line, key, problem: problem.to_owned(), expected: expected.to_owned() }
    }

    /// Refuses keys that are not listed.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ConfigError> {
        match self.table.iter().find(|(key, _)| !known.contains(key)) {
            None => Ok(()),
            Some((key, _)) => {
                Err(self.error(key, "unknown key", &format!("one of {}", known.join(", "))))
            }
        }
    }

    pub(super) fn child(&self, key: &str) -> Result<Option<Place<'a>>, ConfigError> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        let Some(table) = item.as_table_like() else {
            return Err(self.error(key, "not a table", &format!("a table [{key}]")));
        };
        let name =
            if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        Ok(Some(Place { source: self.source, name, table }))
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        let expected = FieldKind::Text.expected();
        match item.as_str() {
            None => Err(self.error(key, "wrong type", expected)),
            Some("") => Err(self.error(key, "empty", expected)),
            Some(text) if text.len() > 4096 => {
                Err(self.error(key, "too long", "at most 4096 bytes"))
            }
            Some(text) if !plain_line(text) => {
                let problem = "it holds control characters or marks that turn the text's direction";
                Err(self.error(key, problem, expected))
            }
            Some(text) => Ok(Some(text.to_owned())),
        }
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        item.as_bool()
            .map(Some)
            .ok_or_else(|| self.error(key, "wrong type", FieldKind::Flag.expected()))
    }

    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        let wrong = || self.error(key, "wrong type", FieldKind::Texts.expected());
        let list = item.as_array().ok_or_else(wrong)?;
        let texts = list.iter().map(|value| value.as_str().filter(|text| plain_line(text)));
        texts
            .map(|text| text.map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(super) fn url(&self, key: &str) -> Result<Option<WebUrl>, ConfigError> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let url = WebUrl::parse(&text);
        url.map(Some).map_err(|e| self.error(key, &e.to_string(), FieldKind::Url.expected()))
    }

    pub(super) fn rule(&self, key: &str) -> Result<Option<Rule>, ConfigError> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        match text.as_str() {
            "allow" => Ok(Some(Rule::Allow)),
            "ask" => Ok(Some(Rule::Ask)),
            "deny" => Ok(Some(Rule::Deny)),
            _ => Err(self.error(key, "unknown value", "\"allow\", \"ask\" or \"deny\"")),
        }
    }

    pub(super) fn duration(&self, key: &str) -> Result<Option<Duration>, ConfigError> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let span: Option<jiff::SignedDuration> = text.parse().ok();
        let duration = span.and_then(|span| Duration::try_from(span).ok());
        let expected = "a duration such as \"30m\", \"12h\" or \"90s\"";
        duration.map(Some).ok_or_else(|| self.error(key, "not a duration", expected))
    }

    /// Reads the value of a descriptor's field.
    pub(super) fn field(&self, field: &Field) -> Result<Option<Value>, ConfigError> {
        match field.kind {
            FieldKind::Text => Ok(self.text(field.key)?.map(Value::Text)),
            FieldKind::Url => Ok(self.url(field.key)?.map(Value::Url)),
            FieldKind::Flag => Ok(self.flag(field.key)?.map(Value::Flag)),
            FieldKind::Texts => Ok(self.texts(field.key)?.map(Value::Texts)),
            FieldKind::Ports => Ok(self.ports(field.key)?.map(Value::Ports)),
            FieldKind::SecretRef => Ok(self.secret_ref(field.key)?.map(Value::Secret)),
            FieldKind::Choice(words) => Ok(self.choice(field.key, words)?.map(Value::Text)),
        }
    }

    fn choice(&self, key: &str, words: &[&str]) -> Result<Option<String>, ConfigError> {
        match self.text(key)? {
            Some(text) if !words.contains(&text.as_str()) => {
                Err(self.error(key, "unknown value", &format!("one of {}", words.join(", "))))
            }
            text => Ok(text),
        }
    }

    fn ports(&self, key: &str) -> Result<Option<Vec<u16>>, ConfigError> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        let wrong = || self.error(key, "wrong type", FieldKind::Ports.expected());
        let list = item.as_array().ok_or_else(wrong)?;
        let port = |value: &toml_edit::Value| {
            value.as_integer().and_then(|n| u16::try_from(n).ok()).filter(|n| *n > 0)
        };
        list.iter().map(|value| port(value).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
    }

    fn secret_ref(&self, key: &str) -> Result<Option<SecretRef>, ConfigError> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        let expected = FieldKind::SecretRef.expected();
        if item.is_str() {
            return Err(self.error(key, "a secret's value does not belong in this file", expected));
        }
        let table = item.as_table_like().filter(|table| table.len() == 1);
        let entry = table.and_then(|table| table.iter().next());
        let text = |item: &Item| item.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let reference = match entry {
            Some(("keyring", item)) => text(item).map(SecretRef::Keyring),
            Some(("env", item)) => text(item).map(SecretRef::Env),
            Some(("file", item)) => text(item).map(SecretRef::File),
            Some(_) | None => None,
        };
        reference.map(Some).ok_or_else(|| self.error(key, "not a reference", expected))
    }
}
