//! The skeleton of a PDF that is written front to back: where each object starts, the page tree, the cross-reference
//! table (ISO 32000-1, 7.5 and 7.7.3). Per page only the length of its content is kept.

use std::io::{self, Write};
use std::ops::Range;

/// The root of the page tree.
pub const ROOT: i32 = 2;
/// Pages of a leaf, and children of a node, of the page tree.
const FAN_OUT: usize = 64;
/// Objects of a leaf: itself, and content and page for each of its pages.
const OBJECTS_PER_LEAF: i32 = 1 + 2 * 64;

/// A file that knows how far it has been written.
pub struct PdfFile<W> {
    out: W,
    written: u64,
    /// Offsets of the objects before the first page, by number; 0 if not written yet.
    early: Vec<u64>,
    first_page_offset: u64,
    content_lengths: Vec<u32>,
    line: Vec<u8>,
}

impl<W: Write> PdfFile<W> {
    /// Starts a file in which object numbers below `first_leaf` are the caller's.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(out: W, first_leaf: i32) -> io::Result<PdfFile<W>> {
        let early = vec![0; usize::try_from(first_leaf).unwrap_or(0)];
        let mut file =
            PdfFile { out, written: 0, early, first_page_offset: 0, content_lengths: Vec::new(), line: Vec::new() };
        file.write(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(file)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.written += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Writes one whole object with a number below the first leaf's.
    ///
    /// # Errors
    /// What the writer says.
    pub fn object(&mut self, number: i32, bytes: &[u8]) -> io::Result<()> {
        let at = self.written;
        if let Some(offset) = usize::try_from(number).ok().and_then(|number| self.early.get_mut(number)) {
            *offset = at;
        }
        self.write(bytes)
    }

    /// Pages written.
    pub fn page_count(&self) -> usize {
        self.content_lengths.len()
    }

    /// Writes a page with this packed content. All pages must come in one go, without other objects between.
    ///
    /// # Errors
    /// What the writer says.
    pub fn page(&mut self, packed: &[u8]) -> io::Result<()> {
        let page = self.page_count();
        if page == 0 {
            self.first_page_offset = self.written;
        }
        let before = self.written;
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        let number = self.content_number(page);
        write!(line, "{number} 0 obj\n<</Length {}/Filter/FlateDecode>>stream\n", packed.len())?;
        line.extend_from_slice(packed);
        line.extend_from_slice(b"\nendstream\nendobj\n");
        let content_length = line.len();
        self.push_page_object(page, &mut line)?;
        let result = self.write(&line);
        self.line = line;
        result?;
        debug_assert!(self.written > before);
        self.content_lengths.push(u32::try_from(content_length).unwrap_or(u32::MAX));
        Ok(())
    }

    fn push_page_object(&self, page: usize, line: &mut Vec<u8>) -> io::Result<()> {
        let (number, leaf) = (self.content_number(page) + 1, self.leaf_number(page / FAN_OUT));
        write!(line, "{number} 0 obj\n<</Type/Page/Parent {leaf} 0 R/Contents {} 0 R>>\nendobj\n", number - 1)
    }

    fn leaf_number(&self, leaf: usize) -> i32 {
        number(self.early.len() + leaf * usize::try_from(OBJECTS_PER_LEAF).unwrap_or(0))
    }

    fn content_number(&self, page: usize) -> i32 {
        self.leaf_number(page / FAN_OUT) + 1 + 2 * number(page % FAN_OUT)
    }

    /// Writes the page tree, whose root holds `attributes` for all pages, the cross-reference table and the trailer.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self, attributes: &str, id: &[u8; 16]) -> io::Result<W> {
        let pages = self.page_count();
        let tree = PageTree::new(pages, |leaf| self.leaf_number(leaf));
        let mut node_offsets = Vec::new();
        for (level, nodes) in tree.levels.iter().enumerate() {
            for (at, node) in nodes.iter().enumerate() {
                node_offsets.push((node.number, self.written));
                let mut text = format!("{} 0 obj\n<</Type/Pages/Parent {} 0 R", node.number, tree.parent(level, at));
                self.push_kids(&tree, level, at, node, &mut text);
                text.push_str(">>\nendobj\n");
                self.write(text.as_bytes())?;
            }
        }
        let mut text = format!("{ROOT} 0 obj\n<</Type/Pages{attributes}");
        self.push_kids(&tree, tree.levels.len(), 0, &Node { number: ROOT, pages }, &mut text);
        text.push_str(">>\nendobj\n");
        self.object(ROOT, text.as_bytes())?;
        let size = tree.next_number;
        let start = self.written;
        self.cross_references(size, node_offsets)?;
        let id: String = id.iter().map(|byte| format!("{byte:02X}")).collect();
        let trailer = format!("trailer\n<</Size {size}/Root 1 0 R/ID[<{id}><{id}>]>>\nstartxref\n{start}\n%%EOF\n");
        self.write(trailer.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// The children of a node: nodes of the level below, or pages.
    fn push_kids(&self, tree: &PageTree, level: usize, at: usize, node: &Node, text: &mut String) {
        text.push_str(&format!("/Count {}/Kids[", node.pages));
        match level.checked_sub(1).and_then(|below| tree.levels.get(below)) {
            Some(below) => {
                for child in below.iter().skip(at * FAN_OUT).take(FAN_OUT) {
                    text.push_str(&format!("{} 0 R ", child.number));
                }
            }
            None => {
                for page in at * FAN_OUT..at * FAN_OUT + node.pages {
                    text.push_str(&format!("{} 0 R ", self.content_number(page) + 1));
                }
            }
        }
        text.push(']');
    }

    /// One line of 20 bytes for each number.
    fn cross_references(&mut self, size: i32, mut nodes: Vec<(i32, u64)>) -> io::Result<()> {
        nodes.sort_unstable();
        self.write(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes())?;
        for offset in self.early.clone().into_iter().skip(1) {
            self.entry(offset)?;
        }
        let mut offset = self.first_page_offset;
        let mut page_object = Vec::new();
        let lengths = std::mem::take(&mut self.content_lengths);
        let mut nodes = nodes.into_iter().map(|(_, offset)| offset);
        for (leaf, lengths) in lengths.chunks(FAN_OUT).enumerate() {
            self.entry(nodes.next().unwrap_or(0))?;
            for (at, length) in lengths.iter().enumerate() {
                page_object.clear();
                self.push_page_object(leaf * FAN_OUT + at, &mut page_object)?;
                self.entry(offset)?;
                self.entry(offset + u64::from(*length))?;
                offset += u64::from(*length) + u64::try_from(page_object.len()).unwrap_or(0);
            }
            // The last leaf may have numbers to spare.
            for _ in lengths.len()..FAN_OUT {
                self.entry(0)?;
                self.entry(0)?;
            }
        }
        nodes.try_for_each(|offset| self.entry(offset))
    }

    /// An object in use, or a free number if it has no offset.
    fn entry(&mut self, offset: u64) -> io::Result<()> {
        let mut line = *b"0000000000 00000 n \n";
        if offset == 0 {
            line = *b"0000000000 65535 f \n";
        }
        let mut rest = offset;
        for digit in line[..10].iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        self.write(&line)
    }
}

/// A node of the page tree.
struct Node {
    number: i32,
    pages: usize,
}

/// The page tree below its root, leaves first.
struct PageTree {
    levels: Vec<Vec<Node>>,
    next_number: i32,
}

impl PageTree {
    fn new(pages: usize, leaf_number: impl Fn(usize) -> i32) -> PageTree {
        let leaves = pages.div_ceil(FAN_OUT);
        let pages_of = |range: Range<usize>| range.end.min(pages) - range.start;
        let leaf = |at| Node { number: leaf_number(at), pages: pages_of(at * FAN_OUT..(at + 1) * FAN_OUT) };
        let mut levels = vec![(0..leaves).map(leaf).collect::<Vec<_>>()];
        let mut next_number = leaf_number(leaves);
        while let Some(top) = levels.last().filter(|top| top.len() > FAN_OUT) {
            let mut nodes = Vec::new();
            for children in top.chunks(FAN_OUT) {
                nodes.push(Node { number: next_number, pages: children.iter().map(|child| child.pages).sum() });
                next_number += 1;
            }
            levels.push(nodes);
        }
        PageTree { levels, next_number }
    }

    /// The number of the parent of a node.
    fn parent(&self, level: usize, at: usize) -> i32 {
        self.levels.get(level + 1).and_then(|above| above.get(at / FAN_OUT)).map_or(ROOT, |node| node.number)
    }
}

/// Object numbers fit in 31 bits: 1,000,000 pages have about 2,000,000.
fn number(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
