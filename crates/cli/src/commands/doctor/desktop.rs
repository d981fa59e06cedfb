use std::sync::Arc;

use tokio::process::Command;
use zbus::Connection;

use super::bus;
use super::finding::Finding;
use super::programs::{install_command, on_path, says};
use super::scene::Scene;

pub(super) async fn check(scene: Arc<Scene>) -> Vec<Finding> {
    let bus = bus::session().await;
    let mut findings = vec![display(&scene), browser(&scene).await];
    match bus {
        Ok(bus) => {
            let (tray, notices, portal) =
                tokio::join!(tray_host(&scene, &bus), notifications(&scene, &bus), portal(&bus));
            findings.extend([tray, notices, portal]);
        }
        Err(problem) => findings.push(
            Finding::warn("session bus", "there is none: no tray, and no notification")
                .repair("sign in to a desktop; without one: `dbus-run-session -- bash`")
                .detail(problem),
        ),
    }
    findings
}

fn display(scene: &Scene) -> Finding {
    match scene.text("WAYLAND_DISPLAY").or_else(|| scene.text("DISPLAY")) {
        Some(display) => Finding::ok("display", lanyard_core::printable(display, 64)),
        None => Finding::warn("display", "none: the window cannot be shown; a terminal is enough")
            .repair("set DISPLAY or WAYLAND_DISPLAY, or go on without a window"),
    }
}

/// Looks for what `lanyard login` opens a page with.
async fn browser(scene: &Scene) -> Finding {
    if let Some(own) = scene.setup.browser.as_deref() {
        return own_browser(scene, own);
    }
    if on_path(scene, "xdg-open").is_empty() {
        return Finding::warn("browser", "nothing opens a page: there is no xdg-open").repair(
            format!(
                "{}; until then: `lanyard login --no-browser`",
                install_command(scene, "xdg-utils")
            ),
        );
    }
    let mut settings = Command::new("xdg-settings");
    settings.args(["get", "default-web-browser"]);
    match says(settings).await {
        Some(browser) => Finding::ok("browser", format!("{browser}, by xdg-open")),
        None => Finding::warn("browser", "xdg-open is there, and no default browser is set")
            .repair("xdg-settings set default-web-browser firefox.desktop    # or another one's"),
    }
}

fn own_browser(scene: &Scene, own: &str) -> Finding {
    let is_there = |program: &str| match program.contains('/') {
        true => std::path::Path::new(program).is_file(),
        false => !on_path(scene, program).is_empty(),
    };
    let programs = own.split(':').filter_map(|entry| entry.split_ascii_whitespace().next());
    match programs.clone().find(|program| is_there(program)) {
        Some(program) => Finding::ok("browser", format!("{program}, by BROWSER")),
        None => Finding::warn("browser", format!("BROWSER names {own}, which is not there"))
            .repair("unset BROWSER    # or name a program on the PATH"),
    }
}

async fn tray_host(scene: &Scene, bus: &Connection) -> Finding {
    let name = "org.kde.StatusNotifierWatcher";
    let asked = async {
        let watcher = bus::proxy(bus, name, "/StatusNotifierWatcher", name).await?;
        watcher.get_property::<bool>("IsStatusNotifierHostRegistered").await
    };
    if let Ok(true) = asked.await {
        return Finding::ok("tray host", "shows icons (StatusNotifier)");
    }
    let desktop = scene.text("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let repair = match desktop.to_ascii_uppercase().contains("GNOME") {
        true => format!(
            "{}, sign in anew, then switch on AppIndicator in Extensions",
            install_command(scene, "gnome-shell-extension-appindicator")
        ),
        false => "add the panel's plug-in for the status tray (StatusNotifier)".to_owned(),
    };
    Finding::warn("tray host", "none: the tray's icon is not shown").repair(repair)
}

async fn notifications(scene: &Scene, bus: &Connection) -> Finding {
    let name = "org.freedesktop.Notifications";
    let asked = async {
        let daemon = bus::proxy(bus, name, "/org/freedesktop/Notifications", name).await?;
        daemon.call::<_, _, (String, String, String, String)>("GetServerInformation", &()).await
    };
    match asked.await {
        Ok((server, _, version, _)) => {
            let server = lanyard_core::printable(&format!("{server} {version}"), 64);
            Finding::ok("notifications", server)
        }
        Err(error) => Finding::warn("notifications", "no daemon shows them: nothing is announced")
            .repair(format!("{}, then start it", install_command(scene, "dunst")))
            .detail(error.to_string()),
    }
}

/// Looks for the portal, which programs in sandboxes need and Lanyard does not.
async fn portal(bus: &Connection) -> Finding {
    match bus::owner(bus, "org.freedesktop.portal.Desktop").await {
        Some(program) => Finding::ok("portal", program),
        None => Finding::skipped("portal", "none is running; Lanyard does not need it"),
    }
}
