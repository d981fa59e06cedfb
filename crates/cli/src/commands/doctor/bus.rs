//! The session bus, as far as it is looked at.

use zbus::Connection;
use zbus::names::BusName;

/// Returns a connection to the session bus.
///
/// # Errors
/// Says why there is none, in words.
pub(super) async fn session() -> Result<Connection, String> {
    Connection::session().await.map_err(|error| error.to_string())
}

/// Returns a proxy that reads properties when they are asked for.
pub(super) async fn proxy<'a>(
    bus: &Connection,
    name: &'a str,
    path: &'a str,
    interface: &'a str,
) -> zbus::Result<zbus::Proxy<'a>> {
    zbus::proxy::Builder::new(bus)
        .destination(name)?
        .path(path)?
        .interface(interface)?
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()
        .await
}

/// Returns the name of the program that owns a name on the bus.
pub(super) async fn owner(bus: &Connection, name: &str) -> Option<String> {
    let name = BusName::try_from(name).ok()?;
    let dbus = zbus::fdo::DBusProxy::new(bus).await.ok()?;
    let pid = dbus.get_connection_unix_process_id(name).await.ok()?;
    let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(lanyard_core::printable(&executable.file_name()?.to_string_lossy(), 32))
}
