//! Pictures of the screen.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder};

use crate::display::{Display, Point, Rectangle};

/// Bytes per pixel of [`Picture`]: red, green, blue.
const DEPTH: usize = 3;

/// What was on (a part of) the screen at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// Takes a picture of the whole screen.
    pub fn of_screen(display: &Display) -> Result<Self> {
        Self::of(display, display.screen())
    }

    /// Takes a picture of a part of the screen; what lies outside of it is cut off.
    pub fn of(display: &Display, part: Rectangle) -> Result<Self> {
        let screen = display.screen();
        let (left, top) = (part.x.max(0), part.y.max(0));
        let width = (part.x + part.width).min(screen.width) - left;
        let height = (part.y + part.height).min(screen.height) - top;
        if width <= 0 || height <= 0 {
            bail!("there is nothing to picture at {part:?}");
        }
        let reply = display
            .connection
            .get_image(
                ImageFormat::Z_PIXMAP,
                display.root,
                i16::try_from(left)?,
                i16::try_from(top)?,
                u16::try_from(width)?,
                u16::try_from(height)?,
                u32::MAX,
            )?
            .reply()
            .context("failed to take a picture of the screen")?;
        let order = display.connection.setup().image_byte_order;
        if reply.depth != 24 || order != ImageOrder::LSB_FIRST {
            bail!(
                "the screen has a depth of {} bits; a picture needs 24",
                reply.depth
            );
        }
        // Little-endian 0x00RRGGBB.
        let pixels = reply
            .data
            .chunks_exact(4)
            .flat_map(|p| [p[2], p[1], p[0]])
            .collect();
        Ok(Self {
            width: usize::try_from(width)?,
            height: usize::try_from(height)?,
            pixels,
        })
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Red, green and blue at a place of the picture, if it is inside.
    pub fn colour(&self, at: Point) -> Option<[u8; DEPTH]> {
        let (x, y) = (usize::try_from(at.x).ok()?, usize::try_from(at.y).ok()?);
        let start = (y * self.width + x) * DEPTH;
        (x < self.width).then(|| self.pixels.get(start..start + DEPTH)?.try_into().ok())?
    }

    /// Pictures of one height, from the left to the right in one.
    pub fn side_by_side(pictures: &[Self]) -> Result<Self> {
        let height = pictures.first().map_or(0, |picture| picture.height);
        if pictures.iter().any(|picture| picture.height != height) {
            bail!("pictures of different heights do not fit beside each other");
        }
        let row = |picture: &'_ Self, y: usize| {
            let bytes = picture.width * DEPTH;
            picture.pixels[y * bytes..(y + 1) * bytes].to_vec()
        };
        let rows =
            (0..height).flat_map(|y| pictures.iter().flat_map(move |picture| row(picture, y)));
        Ok(Self {
            width: pictures.iter().map(|picture| picture.width).sum(),
            height,
            pixels: rows.collect(),
        })
    }

    /// Whether it has one colour only, as an empty screen or a window that was never drawn.
    pub fn is_blank(&self) -> bool {
        let mut pixels = self.pixels.chunks_exact(DEPTH);
        let first = pixels.next();
        pixels.all(|pixel| Some(pixel) == first)
    }

    /// Writes it as a PNG file.
    pub fn save(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("failed to make `{}`", folder.display()))?;
        }
        let file =
            File::create(path).with_context(|| format!("failed to write `{}`", path.display()))?;
        let (width, height) = (u32::try_from(self.width)?, u32::try_from(self.height)?);
        let mut encoder = png::Encoder::new(BufWriter::new(file), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer
            .finish()
            .with_context(|| format!("failed to write `{}`", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, colour: u8) -> Picture {
        Picture {
            width,
            height,
            pixels: vec![colour; width * height * DEPTH],
        }
    }

    #[test]
    fn pictures_stand_beside_each_other_row_by_row() {
        let both = Picture::side_by_side(&[picture(1, 2, 7), picture(2, 2, 9)]);
        let both = both.expect("they have one height");
        assert_eq!(both.size(), (3, 2));
        for (x, colour) in [(0, 7), (1, 9), (2, 9)] {
            for y in [0, 1] {
                assert_eq!(both.colour(Point { x, y }), Some([colour; DEPTH]));
            }
        }
        assert!(Picture::side_by_side(&[picture(1, 2, 7), picture(1, 3, 9)]).is_err());
    }
}
