use super::panel::Panel;
use crate::menu::IconState;

/// The rasters of one icon in every size that panels ask for.
macro_rules! rasters {
    ($name:literal) => {
        [
            include_bytes!(concat!("../../../../icons/tray/", $name, "-22.png")).as_slice(),
            include_bytes!(concat!("../../../../icons/tray/", $name, "-24.png")).as_slice(),
            include_bytes!(concat!("../../../../icons/tray/", $name, "-32.png")).as_slice(),
            include_bytes!(concat!("../../../../icons/tray/", $name, "-48.png")).as_slice(),
        ]
    };
}

/// Returns the icon for a panel, in several sizes.
pub(super) fn pixmaps(state: IconState, panel: Panel) -> Vec<ksni::Icon> {
    let rasters = match (state, panel) {
        (IconState::SignedIn, Panel::Dark) => rasters!("signed-in-dark"),
        (IconState::SignedIn, Panel::Light) => rasters!("signed-in-light"),
        (IconState::NeedsYou, Panel::Dark) => rasters!("needs-you-dark"),
        (IconState::NeedsYou, Panel::Light) => rasters!("needs-you-light"),
        (IconState::Offline, Panel::Dark) => rasters!("offline-dark"),
        (IconState::Offline, Panel::Light) => rasters!("offline-light"),
        (IconState::Locked, Panel::Dark) => rasters!("locked-dark"),
        (IconState::Locked, Panel::Light) => rasters!("locked-light"),
    };
    rasters.into_iter().filter_map(pixmap).collect()
}

/// Decodes a PNG of eight-bit RGBA into what StatusNotifierItem takes: ARGB in network byte order.
fn pixmap(raster: &[u8]) -> Option<ksni::Icon> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(raster)).read_info().ok()?;
    let mut data = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut data).ok()?;
    let rgba = (png::ColorType::Rgba, png::BitDepth::Eight);
    if (frame.color_type, frame.bit_depth) != rgba {
        return None;
    }
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    let side = |length: u32| i32::try_from(length).ok();
    Some(ksni::Icon { width: side(frame.width)?, height: side(frame.height)?, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_has_every_size() {
        for state in [IconState::SignedIn, IconState::NeedsYou, IconState::Offline, IconState::Locked] {
            for panel in [Panel::Dark, Panel::Light] {
                let widths: Vec<i32> = pixmaps(state, panel).iter().map(|icon| icon.width).collect();
                assert_eq!(widths, [22, 24, 32, 48], "{state:?} on {panel:?}");
            }
        }
    }

    #[test]
    fn ink_is_light_on_a_dark_panel() {
        assert!(ink(Panel::Dark) > 200);
        assert!(ink(Panel::Light) < 60);
    }

    /// The red of the first opaque pixel.
    fn ink(panel: Panel) -> u8 {
        let icon = pixmaps(IconState::NeedsYou, panel).remove(0);
        let opaque = icon.data.chunks_exact(4).find(|pixel| pixel[0] == 255).unwrap();
        opaque[1]
    }
}
