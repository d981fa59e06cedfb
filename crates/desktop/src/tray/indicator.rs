use std::sync::atomic::{AtomicBool, Ordering};

use jiff::tz::TimeZone;
use ksni::menu::{StandardItem, SubMenu};
use ksni::{Category, MenuItem, OfflineReason, Status, ToolTip, Tray};
use lanyard_core::{Clock, SystemClock};
use tokio::sync::{mpsc, watch};

use super::icon::pixmaps;
use super::panel::Panel;
use super::run::State;
use crate::menu::{Action, IconState, Item, Menu, menu};

/// Renders the menu as a `StatusNotifier` item.
pub(super) struct Indicator {
    state: watch::Receiver<State>,
    panel: watch::Receiver<Panel>,
    choose: mpsc::Sender<Action>,
    missed: AtomicBool,
}

impl Indicator {
    pub(super) fn new(
        state: watch::Receiver<State>,
        panel: watch::Receiver<Panel>,
        choose: mpsc::Sender<Action>,
    ) -> Self {
        Self { state, panel, choose, missed: AtomicBool::new(false) }
    }

    fn shown(&self) -> Menu {
        menu(self.state.borrow().as_ref(), SystemClock.now(), &TimeZone::system())
    }

    fn choose(&self, action: Action) {
        if self.choose.try_send(action).is_err() {
            tracing::debug!("a choice was dropped: too many wait");
        }
    }
}

impl Tray for Indicator {
    const MENU_ON_ACTIVATE: bool = true;

    fn id(&self) -> String {
        "lanyard".to_owned()
    }

    fn title(&self) -> String {
        "Lanyard".to_owned()
    }

    fn category(&self) -> Category {
        Category::SystemServices
    }

    fn status(&self) -> Status {
        match self.shown().icon {
            IconState::NeedsYou => Status::NeedsAttention,
            IconState::SignedIn | IconState::Offline | IconState::Locked => Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(self.shown().icon, *self.panel.borrow())
    }

    /// Hosts show this one in place of the other while the status is `NeedsAttention`.
    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(IconState::NeedsYou, *self.panel.borrow())
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: self.title(), description: self.shown().tooltip, ..ToolTip::default() }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.shown().items.into_iter().map(render).collect()
    }

    /// Being here is enough: ksni then reads the menu again, with the times of this moment.
    fn menu_about_to_show(&mut self) {}

    fn watcher_offline(&self, _: OfflineReason) -> bool {
        if !self.missed.swap(true, Ordering::Relaxed) {
            tracing::info!("the desktop shows no tray icons so far; the tray waits until it does");
        }
        true
    }
}

fn render(item: Item) -> MenuItem<Indicator> {
    match item {
        Item::Separator => MenuItem::Separator,
        Item::Entry { label, action } => MenuItem::Standard(StandardItem {
            label: without_mnemonics(&label),
            enabled: action != Action::None,
            activate: Box::new(move |indicator: &mut Indicator| indicator.choose(action.clone())),
            ..StandardItem::default()
        }),
        Item::Submenu { label, items } => MenuItem::SubMenu(SubMenu {
            label: without_mnemonics(&label),
            submenu: items.into_iter().map(render).collect(),
            ..SubMenu::default()
        }),
    }
}

/// An underscore marks the next letter as the access key; two are one underscore
/// (com.canonical.dbusmenu, property `label`).
fn without_mnemonics(label: &str) -> String {
    label.replace('_', "__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn underscores_in_names_are_no_access_keys() {
        assert_eq!(without_mnemonics("svc_build_1"), "svc__build__1");
    }
}
