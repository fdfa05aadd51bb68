//! Stacks: elements one after the other; a long name pushes its neighbours, and all shrink together where space ends.

use super::ElementFault;
use super::job::Job;
use super::measure::{Block, Offer, measure};
use crate::label::error::Cause;
use crate::label::template::{Direction, Element, Kind, StackElement};
use crate::label::units::Um;

/// By how much the type sizes of all items go down at a time.
const STEP_PERCENT: i32 = 4;
/// How far they go down; each text stops earlier at its own smallest size.
const LEAST_PERCENT: i32 = 20;

type Items<'t> = Vec<(Um, Um, Block<'t>)>;

/// Measures a stack: its size as it stands, and each item with its place in it.
pub fn measure_stack<'t>(
    element: &'t Element,
    stack: &'t StackElement,
    job: &Job<'t>,
) -> Result<((Um, Um), Items<'t>), ElementFault> {
    let items: Vec<&Element> = stack
        .items
        .iter()
        .filter_map(|id| job.template.content.element(id))
        .filter(|item| job.is_there(item))
        .collect();
    let (allowed, direction) = match stack.direction {
        Direction::Right => (Some(stack.width), "across"),
        Direction::Down => (stack.height, "down"),
    };
    let mut percent = 100;
    loop {
        let blocks = blocks(&items, stack, job, percent)?;
        let needed = total(&blocks, stack);
        let Some(allowed) = allowed.filter(|allowed| needed > *allowed) else {
            return Ok(arranged(blocks, stack));
        };
        percent -= STEP_PERCENT;
        if percent < LEAST_PERCENT {
            return last_resort(blocks, stack, job, allowed, needed)
                .ok_or_else(|| ElementFault::new(element, Cause::StackTooSmall { needed, allowed, direction }));
        }
    }
}

fn blocks<'t>(
    items: &[&'t Element],
    stack: &StackElement,
    job: &Job<'t>,
    percent: i32,
) -> Result<Vec<Block<'t>>, ElementFault> {
    let offer = Offer { width: Some(stack.width), is_natural: stack.direction == Direction::Right, percent };
    items.iter().map(|item| measure(item, job, offer)).collect()
}

/// The texts of a stack to the right are at their smallest: the last one that has no width of its own is broken into lines.
fn last_resort<'t>(
    mut blocks: Vec<Block<'t>>,
    stack: &StackElement,
    job: &Job<'t>,
    allowed: Um,
    needed: Um,
) -> Option<((Um, Um), Items<'t>)> {
    let is_flexible = |b: &Block<'_>| matches!(&b.element.kind, Kind::Text(t) if t.width.is_none() && t.max_lines > 1);
    let at = blocks.iter().rposition(|block| stack.direction == Direction::Right && is_flexible(block))?;
    let width = blocks[at].size.0 - (needed - allowed);
    if width.0 <= 0 {
        return None;
    }
    blocks[at] =
        measure(blocks[at].element, job, Offer { width: Some(width), is_natural: true, percent: LEAST_PERCENT })
            .ok()?;
    (total(&blocks, stack) <= allowed).then(|| arranged(blocks, stack))
}

fn along(block: &Block<'_>, direction: Direction) -> Um {
    match direction {
        Direction::Right => block.size.0,
        Direction::Down => block.size.1,
    }
}

fn total(blocks: &[Block<'_>], stack: &StackElement) -> Um {
    let gaps = i32::try_from(blocks.len().saturating_sub(1)).unwrap_or(0);
    blocks.iter().fold(Um(stack.gap.0.saturating_mul(gaps)), |sum, block| sum + along(block, stack.direction))
}

/// Puts the items one after the other.
fn arranged<'t>(blocks: Vec<Block<'t>>, stack: &StackElement) -> ((Um, Um), Items<'t>) {
    let length = total(&blocks, stack);
    let highest = blocks.iter().map(|block| block.size.1).max().unwrap_or(Um(0));
    let size = match stack.direction {
        Direction::Right => (length, stack.height.unwrap_or(highest).max(highest)),
        Direction::Down => (stack.width, length),
    };
    let mut at = Um(0);
    let mut items = Vec::with_capacity(blocks.len());
    for block in blocks {
        let after = at + along(&block, stack.direction) + stack.gap;
        let (x, y) = match stack.direction {
            Direction::Right => (at, Um(stack.align.shift((size.1 - block.size.1).0))),
            Direction::Down => (Um(stack.align.shift((size.0 - block.size.0).0)), at),
        };
        items.push((x, y, block));
        at = after;
    }
    (size, items)
}
