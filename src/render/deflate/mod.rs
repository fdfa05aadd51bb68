//! Zlib streams (RFC 1950, RFC 1951): the same bytes on every machine.
//!
//! [`Deflate`] is for the many labels of a job, which are alike: its codes are trained once on a typical one, and its
//! searches know what they look for. [`pack_best`] is for what is packed once.

mod best;
mod bits;
mod codes;
mod huffman;
mod rows;
mod stream;
mod symbols;
mod text;

pub use self::best::pack_best;
use self::codes::{BlockWriter, Codes, Histogram, Sink as _};
use self::rows::RowSearch;
use self::stream::{MAX_BLOCK_BYTES, ZlibStream};
use self::text::TextSearch;

/// Up to here the fixed codes are tried too, because the header of trained codes weighs.
const SMALL_BYTES: usize = 512;

/// Packs whole buffers. Its tables are fixed when it is made, so that clones on several threads give the same bytes,
/// whatever they packed before.
#[derive(Clone, Debug)]
pub struct Deflate {
    search: Search,
    /// Codes without symbols that the job is not likely to need; a block that needs them takes `full`.
    lean: Option<Codes>,
    full: Codes,
    fixed: Codes,
    scratch: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Search {
    Rows(RowSearch),
    Text(TextSearch),
}

impl Deflate {
    /// About how much memory it keeps.
    pub fn memory_bytes(&self) -> usize {
        let search = match &self.search {
            Search::Rows(_) => 0,
            Search::Text(search) => search.memory_bytes(),
        };
        3 * size_of::<Codes>() + search + self.scratch.len()
    }

    /// For rows of dots that have so many bytes each, of a job in which `sample` is a typical bitmap.
    pub fn for_rows(bytes_per_row: usize, sample: &[u8]) -> Deflate {
        let search = RowSearch::new(bytes_per_row);
        let mut counts = Histogram::default();
        for start in (0..sample.len()).step_by(MAX_BLOCK_BYTES) {
            search.search(sample, start, sample.len().min(start + MAX_BLOCK_BYTES), &mut counts);
        }
        let distances = search.distances();
        Deflate::new(
            Search::Rows(search),
            None,
            Codes::of(&counts.weighted().with_every_literal().with_distances(&distances)),
        )
    }

    /// For content streams, of a job in which `sample` is a typical page.
    pub fn for_text(sample: &[u8]) -> Deflate {
        let mut search = TextSearch::new();
        let mut counts = Histogram::default();
        sample.chunks(MAX_BLOCK_BYTES).for_each(|chunk| search.search(chunk, &mut counts));
        let counts = counts.weighted();
        let lean = Codes::of(&counts.clone().with_likely());
        let full = Codes::of(&counts.with_every_literal().with_every_distance());
        Deflate::new(Search::Text(search), Some(lean), full)
    }

    fn new(search: Search, lean: Option<Codes>, full: Codes) -> Deflate {
        Deflate { search, lean, full, fixed: Codes::fixed(), scratch: Vec::new() }
    }

    /// Appends a whole zlib stream.
    pub fn pack_into(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.pack_with_tail(bytes, &[], out);
    }

    /// Appends a whole zlib stream of `bytes` and `tail`; the tail, which is known not to repeat, costs about an eighth of a
    /// bit a byte beyond its own length and no search.
    pub fn pack_with_tail(&mut self, bytes: &[u8], tail: &[u8], out: &mut Vec<u8>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut stream = ZlibStream::new(out, &mut scratch);
        for start in (0..bytes.len()).step_by(MAX_BLOCK_BYTES) {
            let end = bytes.len().min(start + MAX_BLOCK_BYTES);
            self.push_block(Part { bytes, start, end, is_last: end == bytes.len() && tail.is_empty() }, &mut stream);
        }
        if bytes.is_empty() && tail.is_empty() {
            self.push_block(Part { bytes, start: 0, end: 0, is_last: true }, &mut stream);
        }
        let mut parts = tail.chunks(MAX_BLOCK_BYTES).peekable();
        while let Some(part) = parts.next() {
            let literals = |block: &mut BlockWriter| part.iter().for_each(|byte| block.literal(*byte));
            let is_last = parts.peek().is_none();
            let attempt = stream.attempt(&self.fixed, part.len(), is_last, literals);
            debug_assert!(attempt.is_some(), "the fixed codes have every literal");
            attempt.into_iter().for_each(|attempt| stream.accept(attempt, part, is_last));
        }
        stream.finish(&[bytes, tail]);
        self.scratch = scratch;
    }

    /// Appends one block in the way that takes least.
    fn push_block(&mut self, part: Part, stream: &mut ZlibStream) {
        let Deflate { search, lean, full, fixed, .. } = self;
        let mut attempt = |codes: &Codes, stream: &mut ZlibStream| {
            stream.attempt(codes, part.end - part.start, part.is_last, |block| search.run(part, block))
        };
        let small = if part.end - part.start < SMALL_BYTES { attempt(fixed, stream) } else { None };
        let lean = lean.as_ref().and_then(|lean| attempt(lean, stream));
        let mut done = lean.or_else(|| attempt(full, stream));
        if small.is_some_and(|small| done.is_none_or(|trained| small.bits() < trained.bits())) {
            done = attempt(fixed, stream);
        }
        let bytes = &part.bytes[part.start..part.end];
        // Codes trained on something else can be worse than none; the fixed ones take at most nine bits a byte.
        if done.is_none_or(|done| done.bits() > 9 * bytes.len() + 64) {
            done = attempt(fixed, stream);
        }
        debug_assert!(done.is_some(), "the fixed codes have every symbol");
        done.into_iter().for_each(|done| stream.accept(done, bytes, part.is_last));
    }
}

/// What becomes one block.
#[derive(Clone, Copy)]
struct Part<'b> {
    bytes: &'b [u8],
    start: usize,
    end: usize,
    is_last: bool,
}

impl Search {
    fn run(&mut self, part: Part, block: &mut BlockWriter) {
        match self {
            Search::Rows(search) => search.search(part.bytes, part.start, part.end, block),
            Search::Text(search) => search.search(&part.bytes[part.start..part.end], block),
        }
    }
}

#[cfg(test)]
mod tests;
