//! Whether the panel is dark. StatusNotifier has no word for it, so the desktop's colour scheme has
//! to do: GNOME's bar is dark in either, Xfce's is dark unless it is told otherwise, and Plasma's
//! follows the scheme. Without an answer the panel is taken for dark.

use futures_util::StreamExt;
use lanyard_client::allowed_environment;
use tokio::sync::watch;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, Proxy};

/// What the icon is seen against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panel {
    Dark,
    Light,
}

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";

/// The value of `color-scheme` for "prefer light" (org.freedesktop.portal.Settings).
const PREFER_LIGHT: u32 = 2;

/// Follows the colour scheme. Never ends.
pub(super) async fn follow(bus: Connection, panels: watch::Sender<Panel>) {
    if !is_gnome()
        && let Err(error) = listen(&bus, &panels).await
    {
        tracing::debug!(%error, "the desktop does not say its colour scheme");
    }
    std::future::pending().await
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
    match value {
        Value::Value(inner) => panel(inner),
        Value::U32(PREFER_LIGHT) => Panel::Light,
        _ => Panel::Dark,
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
    fn only_an_explicit_wish_makes_the_panel_light() {
        assert_eq!(panel(&Value::Value(Box::new(Value::U32(2)))), Panel::Light);
        assert_eq!(panel(&Value::U32(1)), Panel::Dark);
        assert_eq!(panel(&Value::from("light")), Panel::Dark);
    }
}
