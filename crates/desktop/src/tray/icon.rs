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

/// The ink for a panel of unknown colour: its contrast with Adwaita's and Breeze's panels, light
/// and dark, is at least 3.2:1, and 3:1 is asked of icons (WCAG 2.2, 1.4.11).
const MID_TONE: u8 = 0x83;

/// Returns the icon for a panel, in several sizes.
pub(super) fn pixmaps(state: IconState, panel: Panel) -> Vec<ksni::Icon> {
    let light = panel == Panel::Light;
    let rasters = match state {
        IconState::SignedIn if light => rasters!("signed-in-light"),
        IconState::SignedIn => rasters!("signed-in-dark"),
        IconState::NeedsYou if light => rasters!("needs-you-light"),
        IconState::NeedsYou => rasters!("needs-you-dark"),
        IconState::Offline if light => rasters!("offline-light"),
        IconState::Offline => rasters!("offline-dark"),
        IconState::Locked if light => rasters!("locked-light"),
        IconState::Locked => rasters!("locked-dark"),
    };
    let mut pixmaps: Vec<ksni::Icon> = rasters.into_iter().filter_map(pixmap).collect();
    if panel == Panel::Unknown {
        let pixels = pixmaps.iter_mut().flat_map(|icon| icon.data.chunks_exact_mut(4));
        pixels.for_each(|argb| argb[1..].fill(MID_TONE));
    }
    pixmaps
}

/// Decodes a PNG of eight-bit RGBA into what `StatusNotifierItem` takes: ARGB in
/// network byte order.
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
        for state in
            [IconState::SignedIn, IconState::NeedsYou, IconState::Offline, IconState::Locked]
        {
            for panel in [Panel::Dark, Panel::Light, Panel::Unknown] {
                let widths: Vec<i32> =
                    pixmaps(state, panel).iter().map(|icon| icon.width).collect();
                assert_eq!(widths, [22, 24, 32, 48], "{state:?} on {panel:?}");
            }
        }
    }

    #[test]
    fn ink_stands_out_from_the_panel() {
        assert!(ink(Panel::Dark) > 200);
        assert!(ink(Panel::Light) < 60);
        assert_eq!(ink(Panel::Unknown), MID_TONE);
    }

    /// The red of the first opaque pixel.
    fn ink(panel: Panel) -> u8 {
        let icon = pixmaps(IconState::NeedsYou, panel).remove(0);
        let opaque = icon.data.chunks_exact(4).find(|pixel| pixel[0] == 255).unwrap();
        opaque[1]
    }
}
