//! The tray and window that the broker starts.

#![cfg(target_os = "linux")]

use lanyard_e2e::screen::windows;
use lanyard_e2e::{Day, Desk, Panel, eventually, on_desk, variables, views};

#[test]
fn tray_and_window_are_the_brokers_own_with_a_clean_environment() {
    on_desk(
        Desk::WithPanel,
        "tray_and_window_are_the_brokers_own_with_a_clean_environment",
        |folder| {
            let day = Day::begin(&folder).with_window();
            let mut app = day.lanyard.beside("lanyard-app");
            app.envs(["GTK_MODULES", "GIO_EXTRA_MODULES", "TAURI_AUTOMATION"].map(|n| (n, "x")));
            assert!(app.status().expect("it is there").success());
            Panel::find();
            let broker = day.lanyard.broker_pid();
            let views = views(broker);
            eventually("the window", || windows() == Vec::from_iter(views.window));
            for view in [broker, views.tray.expect("it is up"), views.window.expect("it is up")] {
                // Only root may look; everybody else finds the memory protected.
                for name in variables(view).unwrap_or_default() {
                    let loads = ["LD_", "GTK_", "GIO_", "WEBKIT_", "TAURI_"];
                    assert!(!loads.iter().any(|kind| name.starts_with(kind)), "{view}: {name}");
                }
            }
        },
    );
}

#[test]
fn after_a_killed_broker_tray_and_window_come_back_by_themselves() {
    on_desk(
        Desk::WithPanel,
        "after_a_killed_broker_tray_and_window_come_back_by_themselves",
        |folder| {
            let day = Day::begin(&folder).with_window();
            day.sign_in_to_company();
            assert!(day.lanyard.beside("lanyard-app").status().expect("it is there").success());
            let before = day.lanyard.broker_pid();
            eventually("the window", || !windows().is_empty());
            Panel::find().shows("maria · company");
            let old = views(before);

            day.lanyard.end_broker("-KILL");

            eventually("the next broker's window and tray", || {
                let next = views(day.lanyard.broker_pid());
                next.tray.is_some()
                    && next.window.is_some()
                    && windows() == Vec::from_iter(next.window)
            });
            let next = views(day.lanyard.broker_pid());
            assert!(next.tray != old.tray && next.window != old.window);
            eventually("one tray", || Panel::find().trays() == 1);
            Panel::find().shows("maria · company");
        },
    );
}
