//! The page of the guide that is made from the providers' descriptions.

use lanyard_core::descriptor::{Descriptor, Field, Method};

/// Returns the guide's page on profiles, in Markdown.
pub fn profiles(descriptors: &[&'static Descriptor]) -> String {
    let mut parts = vec![
        "# Profiles\n\nEvery key of every provider, as `lanyard profile show PROVIDER --schema` prints it. \
         This page is written by `cargo nextest run -p lanyard-cli`.\n\nBeside these keys every profile takes \
         `provider`, `method`, `scopes`, `direct` and, where the provider lists endpoints, a table `endpoints`."
            .to_owned(),
        table(
            &["provider", "name", "methods", "endpoints", "for"],
            descriptors.iter().map(|descriptor| provider_row(descriptor)),
        ),
    ];
    for descriptor in descriptors {
        for method in descriptor.methods {
            let heading = format!("## {}: `{}`", descriptor.label, method.id);
            let scopes = format!(
                "Scopes where a profile lists none: `{}`.",
                method.default_scopes.join(" ")
            );
            let rows = method.fields.iter().map(field_row);
            let keys = table(&["key", "default", "meaning", "example"], rows);
            parts.push(format!("{heading}\n\n{scopes}\n\n{keys}"));
        }
    }
    parts.join("\n\n") + "\n"
}

fn provider_row(descriptor: &Descriptor) -> Vec<String> {
    let methods: Vec<&str> = descriptor.methods.iter().map(|method: &Method| method.id).collect();
    vec![
        code(descriptor.id),
        descriptor.label.to_owned(),
        code(&methods.join(" ")),
        code(&descriptor.endpoints.join(" ")),
        descriptor.summary.to_owned(),
    ]
}

fn field_row(field: &Field) -> Vec<String> {
    let default =
        if field.required { "required".to_owned() } else { code(field.default.unwrap_or("")) };
    vec![
        code(field.key),
        default,
        format!("{}; {}", field.help, field.kind.expected()),
        code(field.example),
    ]
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn table(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let heading_line = line(heading.iter().map(|&cell| cell.to_owned()).collect());
    let rule = line(heading.iter().map(|_| "---".to_owned()).collect());
    let lines = rows.map(line);
    [heading_line, rule].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}
