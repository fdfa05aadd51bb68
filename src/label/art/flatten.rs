//! From the tree of shapes to outlines in whole units: lines become areas, transforms are applied, colours are decided.

use usvg::tiny_skia_path::{Path as SkiaPath, PathSegment, PathStroker, Point};
use usvg::{BlendMode, Group, ImageHrefResolver, Node, Options, Paint, PaintOrder, Path, Transform, Tree};

use super::error::{ArtError, Feature, Place};
use super::{FillRule, MAX_SEGMENTS, Outline, Segment, UNITS_PER_SIDE};
use crate::label::drawing::Ink;

/// How far from the drawing's corner a point may lie, in units: eight sides.
const MAX_UNITS: f64 = 8.0 * 65_536.0;
/// The length of all outlines together, in units: a thousand sides. It bounds the work of filling them.
const MAX_LENGTH: i64 = 1000 * 65_536;
/// The most dashes of all dashed lines.
const MAX_DASHES: f32 = 10_000.0;

/// The drawing's width and height in units, and its outlines.
pub(super) fn flatten(document: &usvg::roxmltree::Document<'_>) -> Result<([u32; 2], Vec<Outline>), ArtError> {
    let nothing_outside =
        ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) };
    let options = Options { resources_dir: None, image_href_resolver: nothing_outside, ..Options::default() };
    let tree = Tree::from_xmltree(document, &options).map_err(|e| match e {
        usvg::Error::InvalidSize => ArtError::NoSize,
        other => ArtError::unreadable(&other),
    })?;
    let (width, height) = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    let scale = f64::from(UNITS_PER_SIDE) / width.max(height);
    let size = [units(width * scale), units(height * scale)];
    if !scale.is_finite() || size.contains(&0) {
        return Err(ArtError::NoSize);
    }
    let mut flat = Flat { scale, outlines: Vec::new(), segments: 0, length: 0, dashes: 0.0 };
    flat.group(tree.root())?;
    if flat.outlines.iter().all(|outline| outline.ink == Ink::White) {
        return Err(ArtError::Blank);
    }
    Ok((size, flat.outlines))
}

/// What has been flattened so far.
struct Flat {
    scale: f64,
    outlines: Vec<Outline>,
    segments: usize,
    length: i64,
    dashes: f32,
}

impl Flat {
    /// Adds a group. Groups are at most as deep as elements may be, which was judged before.
    fn group(&mut self, group: &Group) -> Result<(), ArtError> {
        if group.opacity().get() <= 0.0 {
            return Ok(());
        }
        let refused = [
            (group.clip_path().is_some(), Feature::ClipPath),
            (group.mask().is_some(), Feature::Mask),
            (!group.filters().is_empty() || group.blend_mode() != BlendMode::Normal, Feature::Filter),
            (group.opacity().get() < 1.0, Feature::Opacity),
        ];
        if let Some(&(_, feature)) = refused.iter().find(|(is_there, _)| *is_there) {
            return Err(ArtError::Unsupported { feature, place: Place::of_id(group.id()) });
        }
        for node in group.children() {
            match node {
                Node::Group(inner) => self.group(inner)?,
                Node::Path(path) => self.path(path)?,
                Node::Image(image) => {
                    return Err(ArtError::Unsupported { feature: Feature::Image, place: Place::of_id(image.id()) });
                }
                Node::Text(text) => {
                    return Err(ArtError::Unsupported { feature: Feature::Text, place: Place::of_id(text.id()) });
                }
            }
        }
        Ok(())
    }

    /// Adds the area and the line of a shape, in the order in which they are painted.
    fn path(&mut self, path: &Path) -> Result<(), ArtError> {
        if !path.is_visible() {
            return Ok(());
        }
        match path.paint_order() {
            PaintOrder::FillAndStroke => {
                self.area(path)?;
                self.line(path)
            }
            PaintOrder::StrokeAndFill => {
                self.line(path)?;
                self.area(path)
            }
        }
    }

    fn area(&mut self, path: &Path) -> Result<(), ArtError> {
        let Some(fill) = path.fill() else { return Ok(()) };
        let bounds = path.data().bounds();
        if bounds.width() <= 0.0 || bounds.height() <= 0.0 {
            return Ok(());
        }
        let Some(ink) = ink(fill.paint(), fill.opacity().get(), path)? else { return Ok(()) };
        let rule = match fill.rule() {
            usvg::FillRule::NonZero => FillRule::NonZero,
            usvg::FillRule::EvenOdd => FillRule::EvenOdd,
        };
        self.outline(path.data(), path, rule, ink)
    }

    fn line(&mut self, path: &Path) -> Result<(), ArtError> {
        let Some(line) = path.stroke() else { return Ok(()) };
        let Some(ink) = ink(line.paint(), line.opacity().get(), path)? else { return Ok(()) };
        let mut stroke = line.to_tiny_skia();
        let resolution = PathStroker::compute_resolution_scale(&path.abs_transform());
        let dashed = match stroke.dash.take() {
            Some(dash) => {
                self.count_dashes(line.dasharray().unwrap_or(&[]), path)?;
                path.data().dash(&dash, resolution)
            }
            None => None,
        };
        match dashed.as_ref().unwrap_or(path.data()).stroke(&stroke, resolution) {
            Some(area) => self.outline(&area, path, FillRule::NonZero, ink),
            None => Ok(()),
        }
    }

    /// Counts what a dashed line will come to before it is cut.
    fn count_dashes(&mut self, dashes: &[f32], path: &Path) -> Result<(), ArtError> {
        let period: f32 = dashes.iter().sum();
        let around: f32 = path.data().points().windows(2).map(|p| (p[1] - p[0]).length()).sum();
        let closing = 2.0 * (path.data().bounds().width() + path.data().bounds().height());
        let pieces: f32 = dashes.iter().map(|_| 1.0).sum();
        self.dashes += (around + closing) / period * pieces;
        if self.dashes <= MAX_DASHES {
            return Ok(());
        }
        Err(ArtError::TooMany { what: "dashes of dashed lines", limit: 10_000, place: Place::of_id(path.id()) })
    }

    fn outline(&mut self, from: &SkiaPath, path: &Path, rule: FillRule, ink: Ink) -> Result<(), ArtError> {
        let too_many = |what, limit| Err(ArtError::TooMany { what, limit, place: Place::of_id(path.id()) });
        self.segments += from.len();
        if self.segments > MAX_SEGMENTS {
            return too_many("segments of outlines", MAX_SEGMENTS);
        }
        let grid = Grid { transform: path.abs_transform(), scale: self.scale };
        let mut segments = Vec::with_capacity(from.len());
        for segment in from.segments() {
            let segment =
                grid.segment(segment).ok_or_else(|| ArtError::FarOutside { place: Place::of_id(path.id()) })?;
            segments.push(segment);
        }
        let ends: Vec<[i32; 2]> = segments.iter().flat_map(Segment::points).collect();
        let apart = |a: i32, b: i32| (i64::from(a) - i64::from(b)).abs();
        self.length += ends.windows(2).map(|p| apart(p[0][0], p[1][0]) + apart(p[0][1], p[1][1])).sum::<i64>();
        if self.length > MAX_LENGTH {
            return too_many("lines, measured in sides of the drawing", 1000);
        }
        self.outlines.push(Outline { segments, rule, ink });
        Ok(())
    }
}

/// Black below half luma (ITU-R BT.601 in thousandths), else white; `None` where nothing is painted.
fn ink(paint: &Paint, opacity: f32, path: &Path) -> Result<Option<Ink>, ArtError> {
    let unsupported = |feature| Err(ArtError::Unsupported { feature, place: Place::of_id(path.id()) });
    if opacity <= 0.0 {
        return Ok(None);
    }
    if opacity < 1.0 {
        return unsupported(Feature::Opacity);
    }
    let Paint::Color(color) = paint else { return unsupported(Feature::PaintServer) };
    let luma = 299 * u32::from(color.red) + 587 * u32::from(color.green) + 114 * u32::from(color.blue);
    Ok(Some(if luma < 127_500 { Ink::Black } else { Ink::White }))
}

/// From a shape's own coordinates to whole units.
struct Grid {
    transform: Transform,
    scale: f64,
}

impl Grid {
    /// `None` for a point too far away, or none at all.
    fn segment(&self, segment: PathSegment) -> Option<Segment> {
        Some(match segment {
            PathSegment::MoveTo(end) => Segment::MoveTo(self.point(end)?),
            PathSegment::LineTo(end) => Segment::LineTo(self.point(end)?),
            PathSegment::QuadTo(control, end) => Segment::QuadTo(self.point(control)?, self.point(end)?),
            PathSegment::CubicTo(first, second, end) => {
                Segment::CubicTo(self.point(first)?, self.point(second)?, self.point(end)?)
            }
            PathSegment::Close => Segment::Close,
        })
    }

    fn point(&self, point: Point) -> Option<[i32; 2]> {
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        let t = &self.transform;
        let across = f64::from(t.sx) * x + f64::from(t.kx) * y + f64::from(t.tx);
        let down = f64::from(t.ky) * x + f64::from(t.sy) * y + f64::from(t.ty);
        Some([whole(across * self.scale)?, whole(down * self.scale)?])
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the value is whole and at most eight sides")]
fn whole(value: f64) -> Option<i32> {
    let rounded = value.round();
    (rounded.abs() <= MAX_UNITS).then_some(rounded as i32)
}

/// A side in units; 0 if it is no length.
fn units(side: f64) -> u32 {
    whole(side).and_then(|side| u32::try_from(side).ok()).unwrap_or(0)
}
