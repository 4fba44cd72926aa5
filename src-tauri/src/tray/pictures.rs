//! The pictures of the icon. Shape tells the state, colour only helps.
//!
//! No desktop tells the colour of its panel, so everywhere it is the pictures for dark panels: light ink on a dark
//! contour, which a light panel shows just as well.

use sandglass_core::views::tray::Icon;
use tauri::image::Image;

/// The picture of a state in each size that panels ask for, in pixels: 16, 22, 24, 32, 44, 48.
pub(super) fn pictures(icon: Icon) -> [&'static [u8]; 6] {
    macro_rules! sizes {
        ($state:literal) => {
            sizes!($state, "16", "22", "24", "32", "44", "48")
        };
        ($state:literal, $($size:literal),*) => {
            [$(include_bytes!(concat!("../../../icons/tray/", $state, "-dark-", $size, ".png"))),*]
        };
    }
    match icon {
        Icon::Full => sizes!("full"),
        Icon::Turning => sizes!("turning"),
        Icon::Low => sizes!("low"),
        Icon::Empty => sizes!("empty"),
    }
}

/// A picture as pixels.
pub(super) fn decoded(picture: &'static [u8]) -> tauri::Result<Image<'static>> {
    Image::from_bytes(picture)
}
