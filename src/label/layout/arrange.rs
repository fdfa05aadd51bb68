//! Where each element stands: corners, and anchors to elements that were placed before.

use std::collections::BTreeMap;

use super::job::Job;
use super::measure::{Block, Content};
use crate::label::template::{Corner, CornerX, CornerY, Element, Kind, Template};
use crate::label::units::Um;

/// A block with its top left corner, as it stands on the label.
pub struct Placed<'t> {
    /// The corner.
    pub at: (Um, Um),
    /// What stands there.
    pub block: Block<'t>,
}

/// Where an element ends. One that is absent takes no room.
#[derive(Clone, Copy)]
struct Area {
    right: Um,
    bottom: Um,
    is_there: bool,
}

/// Places all blocks; those in stacks as well. The order is that of the file.
pub fn arrange<'t>(measured: Vec<Block<'t>>, job: &Job<'t>, template: &Template) -> Vec<Placed<'t>> {
    let (width, height) = (template.content.width, template.content.height);
    let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
    let mut waiting: Vec<Block<'t>> = measured;
    let mut placed: Vec<Placed<'t>> = Vec::new();
    let mut absent: Vec<&Element> =
        job.template.content.elements.iter().filter(|element| !waiting_or_stacked(element, &waiting)).collect();
    loop {
        let before = waiting.len() + absent.len();
        absent.retain(|element| match corner_of(element, (Um(0), Um(0)), (width, height), &areas) {
            Some((left, top)) => {
                areas.insert(&element.id, Area { right: left, bottom: top, is_there: false });
                false
            }
            None => true,
        });
        let mut still = Vec::new();
        for block in waiting {
            match corner_of(block.element, block.size, (width, height), &areas) {
                Some(at) => flatten(at, block, &mut areas, &mut placed),
                None => still.push(block),
            }
        }
        waiting = still;
        // The template has no circles; what is left waits for an element that could not be measured.
        if waiting.len() + absent.len() == before {
            break;
        }
    }
    placed.sort_by_key(|placed| placed.block.element.line);
    placed
}

/// Whether an element was measured: as itself, or as an item of a stack that was.
fn waiting_or_stacked(element: &Element, measured: &[Block<'_>]) -> bool {
    fn holds(block: &Block<'_>, id: &str) -> bool {
        block.element.id == id
            || matches!(&block.content, Content::Stack(items) if items.iter().any(|(_, _, item)| holds(item, id)))
    }
    measured.iter().any(|block| holds(block, &element.id))
}

/// The corner of a box of this size; `None` while its anchors are not placed.
fn corner_of<'t>(
    element: &'t Element,
    size: (Um, Um),
    label: (Um, Um),
    areas: &BTreeMap<&'t str, Area>,
) -> Option<(Um, Um)> {
    let Corner { x, y } = element.corner.as_ref()?;
    let x = match x {
        CornerX::Left(x) => *x,
        CornerX::Right(distance) => label.0 - *distance - size.0,
        CornerX::After(anchor) => {
            let area = areas.get(anchor.element.as_str())?;
            area.right + if area.is_there { anchor.gap } else { Um(0) }
        }
    };
    let y = match y {
        CornerY::Top(y) => *y,
        CornerY::Bottom(distance) => label.1 - *distance - size.1,
        CornerY::Below(anchor) => {
            let area = areas.get(anchor.element.as_str())?;
            area.bottom + if area.is_there { anchor.gap } else { Um(0) }
        }
    };
    Some((x, y))
}

/// Notes where a block stands; a stack's items stand for themselves.
fn flatten<'t>(at: (Um, Um), block: Block<'t>, areas: &mut BTreeMap<&'t str, Area>, placed: &mut Vec<Placed<'t>>) {
    let (right, bottom) = (at.0 + block.size.0, at.1 + block.size.1);
    areas.insert(&block.element.id, Area { right, bottom, is_there: true });
    match block.content {
        Content::Stack(items) => {
            if let Kind::Stack(stack) = &block.element.kind {
                absent_items(stack.items.as_slice(), at, areas, &items);
            }
            for (x, y, item) in items {
                flatten((at.0 + x, at.1 + y), item, areas, placed);
            }
        }
        content => placed.push(Placed { at, block: Block { content, ..block } }),
    }
}

/// Items that are absent stand, without size, where their stack begins, so that what is anchored to them has a place.
fn absent_items<'t>(
    ids: &'t [String],
    at: (Um, Um),
    areas: &mut BTreeMap<&'t str, Area>,
    there: &[(Um, Um, Block<'t>)],
) {
    for id in ids.iter().filter(|id| there.iter().all(|(_, _, item)| item.element.id != **id)) {
        areas.insert(id, Area { right: at.0, bottom: at.1, is_there: false });
    }
}
