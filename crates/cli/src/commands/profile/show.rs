//! What is shown of profiles and providers.

use lanyard_core::Failure;
use lanyard_core::config;
use lanyard_core::descriptor::{Field, FieldKind};
use serde_json::{Value, json};

use super::super::Context;
use super::usage;
use crate::{config_file, output, table};

pub(super) fn list(context: &Context) -> Result<(), Failure> {
    let config = config_file::load(&context.setup.home()?.config, context.setup.descriptors)?;
    if context.json {
        let entry = |profile: &config::Profile| {
            json!({"name": profile.name, "provider": profile.provider.id, "method": profile.method.id,
                "scopes": profile.scopes.iter().collect::<Vec<_>>(),
                "default": config.default_profile.as_ref() == Some(&profile.name)})
        };
        output::answer_json(&config.profiles.values().map(entry).collect::<Vec<_>>());
        return Ok(());
    }
    if config.profiles.is_empty() {
        output::note("There is no profile yet. Add one with `lanyard profile add`.");
        return Ok(());
    }
    let row = |profile: &config::Profile| {
        let default =
            if config.default_profile.as_ref() == Some(&profile.name) { "default" } else { "" };
        vec![
            profile.name.to_string(),
            profile.provider.label.to_owned(),
            profile.method.label.to_owned(),
            profile.scopes.to_string(),
            default.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = config.profiles.values().map(row).collect();
    output::answer(&table::table(&["NAME", "PROVIDER", "METHOD", "SCOPES", ""], &rows));
    Ok(())
}

pub(super) fn show(context: &Context, name: &str) -> Result<(), Failure> {
    let config = config_file::load(&context.setup.home()?.config, context.setup.descriptors)?;
    let profile = config.profiles.values().find(|profile| profile.name.as_str() == name);
    let profile = profile.ok_or_else(|| {
        usage(
            &format!("there is no profile \"{name}\""),
            "see `lanyard profile list`; --schema shows a provider",
        )
    })?;
    let values: serde_json::Map<String, Value> =
        profile.values.iter().map(|(key, value)| ((*key).to_owned(), shown(value))).collect();
    if context.json {
        output::answer_json(
            &json!({"name": name, "provider": profile.provider.id, "method": profile.method.id,
            "scopes": profile.scopes.iter().collect::<Vec<_>>(), "direct": profile.direct, "values": values}),
        );
        return Ok(());
    }
    let mut rows = vec![
        vec!["provider".to_owned(), profile.provider.id.to_owned()],
        vec!["method".to_owned(), profile.method.id.to_owned()],
        vec!["scopes".to_owned(), profile.scopes.to_string()],
        vec!["direct".to_owned(), profile.direct.to_string()],
    ];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    rows.extend(values.iter().map(|(key, value)| vec![key.clone(), text(value)]));
    output::answer(&table::table(&["KEY", "VALUE"], &rows));
    Ok(())
}

fn shown(value: &config::Value) -> Value {
    match value {
        config::Value::Text(text) => json!(text),
        config::Value::Url(url) => json!(url.as_str()),
        config::Value::Flag(flag) => json!(flag),
        config::Value::Texts(texts) => json!(texts),
        config::Value::Ports(ports) => json!(ports),
        config::Value::Secret(config::SecretRef::Keyring(name)) => json!({"keyring": name}),
        config::Value::Secret(config::SecretRef::Env(name)) => json!({"env": name}),
        config::Value::Secret(config::SecretRef::File(path)) => json!({"file": path}),
    }
}

/// Shows every key of every method of a provider.
pub(super) fn schema(context: &Context, id: &str) -> Result<(), Failure> {
    let known = context.setup.descriptors;
    let descriptor = known.iter().find(|descriptor| descriptor.id == id).ok_or_else(|| {
        let ids: Vec<&str> = known.iter().map(|descriptor| descriptor.id).collect();
        usage(&format!("there is no provider \"{id}\""), &format!("use one of: {}", ids.join(", ")))
    })?;
    if context.json {
        output::answer_json(&lanyard_api::ProviderReply::from(*descriptor));
        return Ok(());
    }
    let mut parts = vec![format!("{}: {}", descriptor.label, descriptor.summary)];
    for method in descriptor.methods {
        let row = |field: &Field| {
            let required = if field.required { "required" } else { field.default.unwrap_or("") };
            vec![
                field.key.to_owned(),
                kind(field.kind).to_owned(),
                required.to_owned(),
                field.help.to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = method.fields.iter().map(row).collect();
        let heading = ["KEY", "VALUE", "DEFAULT", "MEANING"];
        parts.push(format!(
            "method = \"{}\"
{}",
            method.id,
            table::table(&heading, &rows)
        ));
    }
    output::answer(&parts.join("\n\n"));
    Ok(())
}

const fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Choice(_) => "one of some words",
        FieldKind::Url => "URL",
        FieldKind::Flag => "true or false",
        FieldKind::Texts => "list of texts",
        FieldKind::Ports => "list of ports",
        FieldKind::SecretRef => "reference to a secret",
    }
}
