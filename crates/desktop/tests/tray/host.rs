//! What a panel does with a tray, over D-Bus.

use std::collections::HashMap;

use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, Proxy};

use crate::desk::eventually;

pub(crate) struct Host {
    item: Proxy<'static>,
    menu: Proxy<'static>,
    daemon: Proxy<'static>,
}

impl Host {
    /// Waits for the item that the panel was told of.
    pub(crate) async fn find() -> Self {
        let bus = Connection::session().await.unwrap();
        let watcher = "org.kde.StatusNotifierWatcher";
        let watcher = proxy(&bus, watcher, "/StatusNotifierWatcher", watcher).await;
        eventually("the tray", || async { !items(&watcher).await.is_empty() }).await;
        let found = items(&watcher).await.remove(0);
        let (name, path) = found.split_at(found.find('/').unwrap());
        let item = proxy(&bus, name, path, "org.kde.StatusNotifierItem").await;
        let menu: zbus::zvariant::OwnedObjectPath = item.get_property("Menu").await.unwrap();
        let menu = proxy(&bus, name, menu.as_str(), "com.canonical.dbusmenu").await;
        let daemon = "org.freedesktop.Notifications";
        let path = "/org/freedesktop/Notifications";
        let daemon = proxy(&bus, daemon, path, "org.dunstproject.cmd0").await;
        Self { item, menu, daemon }
    }

    pub(crate) async fn property(&self, name: &str) -> String {
        self.item.get_property(name).await.unwrap()
    }

    /// Waits until the menu has an item with this label.
    pub(crate) async fn shows(&self, label: &str) {
        let what = format!("the item {label:?}");
        eventually(&what, || async { self.labels().await.iter().any(|(_, l)| l == label) }).await;
    }

    /// Clicks the item with this label.
    pub(crate) async fn choose(&self, label: &str) {
        let labels = self.labels().await;
        let (id, _) = labels.iter().find(|(_, l)| l == label).expect("the item is there");
        let click = (*id, "clicked", Value::from(""), 0_u32);
        self.menu.call_noreply("Event", &click).await.unwrap();
    }

    /// How many notifications the person sees.
    pub(crate) async fn notices(&self) -> u32 {
        self.daemon.get_property("displayedLength").await.unwrap()
    }

    /// Waits until a notification with this title has been shown.
    pub(crate) async fn notifies(&self, title: &str) {
        eventually("a notification", || async { self.notices().await > 0 }).await;
        self.daemon.call::<_, _, ()>("NotificationCloseAll", &()).await.unwrap();
        let history: Vec<HashMap<String, OwnedValue>> =
            self.daemon.call("NotificationListHistory", &()).await.unwrap();
        let titles: Vec<&str> =
            history.iter().map(|entry| entry["summary"].downcast_ref().unwrap()).collect();
        assert_eq!(titles, [title]);
    }

    /// Says what the daemon says when the person presses a notice's button. Nobody tells which id
    /// the notice has, except that it is one of the first.
    pub(crate) async fn press(&self, button: &str) {
        let (name, path) = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications");
        let bus = self.daemon.connection();
        for id in 1_u32..5 {
            let pressed = (id, button);
            bus.emit_signal(None::<&str>, path, name, "ActionInvoked", &pressed).await.unwrap();
        }
    }

    /// Ends the session's bus.
    pub(crate) async fn end_session(&self) {
        let bus = zbus::fdo::DBusProxy::new(self.item.connection()).await.unwrap();
        let name = "org.freedesktop.DBus".try_into().unwrap();
        let daemon = bus.get_connection_unix_process_id(name).await.unwrap();
        let ended = std::process::Command::new("kill").arg(daemon.to_string()).status().unwrap();
        assert!(ended.success());
    }

    /// Reads the menu's first level as a panel does before it shows it.
    async fn labels(&self) -> Vec<(i32, String)> {
        type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        self.menu.call::<_, _, bool>("AboutToShow", &(0,)).await.unwrap();
        let properties: [&str; 0] = [];
        let (_, root): (u32, Node) =
            self.menu.call("GetLayout", &(0, -1, &properties[..])).await.unwrap();
        root.2.into_iter().map(|child| label(&child)).collect()
    }
}

fn label(child: &OwnedValue) -> (i32, String) {
    let Value::Structure(node) = &**child else { panic!("{child:?} is no menu item") };
    let [Value::I32(id), Value::Dict(properties), _] = node.fields() else {
        panic!("{node:?} is no menu item")
    };
    let label: Option<String> = properties.get(&"label").unwrap();
    (*id, label.unwrap_or_default())
}

async fn items(watcher: &Proxy<'static>) -> Vec<String> {
    watcher.get_property("RegisteredStatusNotifierItems").await.unwrap()
}

async fn proxy(bus: &Connection, name: &str, path: &str, interface: &str) -> Proxy<'static> {
    zbus::proxy::Builder::new(bus)
        .destination(name.to_owned())
        .and_then(|builder| builder.path(path.to_owned()))
        .and_then(|builder| builder.interface(interface.to_owned()))
        .unwrap()
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()
        .await
        .unwrap()
}
