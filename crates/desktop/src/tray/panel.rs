//! Whether the panel is dark. `StatusNotifier` has no word for it, so the desktop's colour scheme
//! has to do. GNOME's bar is dark in either.

use futures_util::StreamExt;
use lanyard_harden::allowed_environment;
use tokio::sync::watch;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, Proxy};

/// What the icon is seen against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panel {
    Dark,
    Light,
    /// The desktop has no preference, or says none.
    Unknown,
}

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";

/// Values of `color-scheme` (org.freedesktop.portal.Settings).
const PREFER_DARK: u32 = 1;
const PREFER_LIGHT: u32 = 2;

/// Follows the colour scheme. Never ends.
pub(super) async fn follow(bus: Connection, panels: watch::Sender<Panel>) {
    if is_gnome() {
        panels.send_replace(Panel::Dark);
    } else if let Err(error) = listen(&bus, &panels).await {
        tracing::debug!(%error, "the desktop does not say its colour scheme");
    }
    std::future::pending::<()>().await;
}

async fn listen(bus: &Connection, panels: &watch::Sender<Panel>) -> zbus::Result<()> {
    let portal = "org.freedesktop.portal.Desktop";
    let path = "/org/freedesktop/portal/desktop";
    let settings = Proxy::new(bus, portal, path, "org.freedesktop.portal.Settings").await?;
    let mut changes = settings.receive_signal("SettingChanged").await?;
    let found: OwnedValue = settings.call("Read", &(NAMESPACE, KEY)).await?;
    panels.send_replace(panel(&found));
    while let Some(change) = changes.next().await {
        let (namespace, key, value): (String, String, OwnedValue) = change.body().deserialize()?;
        if (namespace.as_str(), key.as_str()) == (NAMESPACE, KEY) {
            panels.send_replace(panel(&value));
        }
    }
    Ok(())
}

/// `Read` answers with a variant inside a variant, `SettingChanged` with one.
fn panel(value: &Value<'_>) -> Panel {
    if let Value::Value(inner) = value {
        return panel(inner);
    }
    match value.downcast_ref() {
        Ok(PREFER_DARK) => Panel::Dark,
        Ok(PREFER_LIGHT) => Panel::Light,
        Ok(_) | Err(_) => Panel::Unknown,
    }
}

fn is_gnome() -> bool {
    let desktop = allowed_environment().into_iter().find(|(name, _)| name == "XDG_CURRENT_DESKTOP");
    desktop.is_some_and(|(_, value)| value.to_string_lossy().split(':').any(|part| part == "GNOME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_read_from_one_variant_and_from_two() {
        assert_eq!(panel(&Value::Value(Box::new(Value::U32(2)))), Panel::Light);
        assert_eq!(panel(&Value::U32(1)), Panel::Dark);
        assert_eq!(panel(&Value::U32(0)), Panel::Unknown);
        assert_eq!(panel(&Value::from("light")), Panel::Unknown);
    }
}
