use std::collections::HashMap;

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Value};

use crate::eventually;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// The desktop's panel, as it reads and presses the tray's menu.
#[derive(Debug)]
pub struct Panel {
    item: Proxy<'static>,
    menu: Proxy<'static>,
}

impl Panel {
    /// Waits until the panel was told of a tray.
    ///
    /// # Panics
    /// If it is not told of one.
    pub fn find() -> Self {
        let bus = Connection::session().expect("the desk has a bus");
        let watcher = proxy(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER);
        let mut items = Vec::new();
        eventually("the tray", || {
            items = registered(&watcher);
            items.retain(|item| is_alive(&bus, item));
            !items.is_empty()
        });
        let (name, path) = items[0].split_at(items[0].find('/').expect("it has a path"));
        let item = proxy(&bus, name, path, "org.kde.StatusNotifierItem");
        let menu = proxy(&bus, name, "/MenuBar", "com.canonical.dbusmenu");
        Self { item, menu }
    }

    /// Returns how many trays the panel knows.
    pub fn trays(&self) -> usize {
        let bus = self.item.connection();
        registered(&proxy(bus, WATCHER, "/StatusNotifierWatcher", WATCHER)).len()
    }

    /// Returns the tray's status: `Active` or `NeedsAttention`.
    ///
    /// # Panics
    /// If the tray does not say.
    pub fn status(&self) -> String {
        self.item.get_property("Status").expect("the tray says it")
    }

    /// Returns the words that stand beside the icon.
    ///
    /// # Panics
    /// If the tray does not say.
    pub fn tooltip(&self) -> String {
        type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let (_, _, _, words): ToolTip =
            self.item.get_property("ToolTip").expect("the tray says it");
        words
    }

    /// Waits until an item contains these words.
    ///
    /// # Panics
    /// If none does in time.
    pub fn shows(&self, words: &str) {
        eventually(&format!("the item {words:?}"), || {
            self.labels().iter().any(|label| label.contains(words))
        });
    }

    /// Returns the items' labels from top to bottom, those of submenus after their own.
    pub fn labels(&self) -> Vec<String> {
        self.items().into_iter().map(|(_, label)| label).collect()
    }

    /// Clicks the item with this label.
    ///
    /// # Panics
    /// If there is none.
    pub fn choose(&self, label: &str) {
        let items = self.items();
        let found = items.iter().find(|(_, known)| known == label);
        let (id, _) = found.unwrap_or_else(|| panic!("no {label:?} in {items:?}"));
        let click = (*id, "clicked", Value::from(""), 0_u32);
        self.menu.call_noreply("Event", &click).expect("the tray is there");
    }

    fn items(&self) -> Vec<(i32, String)> {
        type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let _: bool = self.menu.call("AboutToShow", &(0,)).expect("the tray answers");
        let properties: [&str; 0] = [];
        let (_, root): (u32, Node) =
            self.menu.call("GetLayout", &(0, -1, &properties[..])).expect("the tray answers");
        root.2.iter().flat_map(|child| with_children(child)).collect()
    }
}

/// An item of the layout and all below it.
fn with_children(item: &Value<'_>) -> Vec<(i32, String)> {
    let item = if let Value::Value(inner) = item { inner } else { item };
    let Value::Structure(node) = item else { panic!("{item:?} is no menu item") };
    let [Value::I32(id), Value::Dict(properties), Value::Array(children)] = node.fields() else {
        panic!("{node:?} is no menu item")
    };
    let label: Option<String> = properties.get(&"label").expect("a label is text");
    let below = children.iter().flat_map(with_children);
    std::iter::once((*id, label.unwrap_or_default())).chain(below).collect()
}

/// Says whether the item's program is on the bus: the panel forgets one that is gone a little later.
fn is_alive(bus: &Connection, item: &str) -> bool {
    let name = item.split('/').next().unwrap_or_default();
    let bus = zbus::blocking::fdo::DBusProxy::new(bus).expect("the desk has a bus");
    name.try_into().is_ok_and(|name| bus.name_has_owner(name).unwrap_or(false))
}

fn registered(watcher: &Proxy<'static>) -> Vec<String> {
    watcher.get_property("RegisteredStatusNotifierItems").expect("the panel answers")
}

fn proxy(bus: &Connection, name: &str, path: &str, interface: &str) -> Proxy<'static> {
    zbus::blocking::proxy::Builder::new(bus)
        .destination(name.to_owned())
        .and_then(|builder| builder.path(path.to_owned()))
        .and_then(|builder| builder.interface(interface.to_owned()))
        .map(|builder| builder.cache_properties(zbus::proxy::CacheProperties::No))
        .and_then(zbus::blocking::proxy::Builder::build)
        .expect("the names are well-formed")
}
