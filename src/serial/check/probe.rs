//! What the tests of the check schemes share: words, errors in them, and counts of what slips through.

use crate::serial::{Alphabet, CheckCoder, CheckScheme};

/// Asserts published (body, check) pairs, and that another check is not the one computed.
pub(super) fn vectors(scheme: CheckScheme, pairs: &[(&str, &str)]) {
    let alphabet = match scheme {
        CheckScheme::CrockfordMod37 => Alphabet::crockford32(),
        _ => Alphabet::digits(),
    };
    let coder = CheckCoder::new(scheme, &alphabet).unwrap();
    for (body, check) in pairs {
        let computed = coder.compute(body.as_bytes()).unwrap();
        assert_eq!(std::str::from_utf8(computed.as_bytes()).unwrap(), *check, "{scheme} of {body}");
    }
}

/// Every word of `length` symbols.
pub(super) fn every_word(symbols: &[u8], length: u32) -> impl Iterator<Item = Vec<u8>> {
    let size = symbols.len();
    (0..size.pow(length)).map(move |mut number| {
        (0..length)
            .map(|_| {
                let symbol = symbols[number % size];
                number /= size;
                symbol
            })
            .collect()
    })
}

/// A scheme and an alphabet under examination.
pub(super) struct Probe {
    coder: CheckCoder,
    alphabet: Alphabet,
}

impl Probe {
    pub(super) fn new(scheme: CheckScheme, alphabet: Alphabet) -> Self {
        let coder = CheckCoder::new(scheme, &alphabet).unwrap();
        coder.accepts(alphabet.set()).unwrap();
        Self { coder, alphabet }
    }

    pub(super) fn codeword(&self, body: &[u8]) -> Vec<u8> {
        [body, self.coder.compute(body).unwrap().as_bytes()].concat()
    }

    pub(super) fn is_valid(&self, word: &[u8]) -> bool {
        let (body, check) = word.split_at(word.len() - self.coder.scheme().symbols());
        self.coder.compute(body).is_ok_and(|computed| computed.as_bytes() == check)
    }

    /// Codewords spread over the alphabet by a fixed linear congruential sequence.
    pub(super) fn sample_words(&self, length: usize, count: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
        let mut random = random();
        (0..count).map(move |_| {
            let body: Vec<u8> = (0..length).map(|_| self.symbol(random())).collect();
            self.codeword(&body)
        })
    }

    fn symbol(&self, random: usize) -> u8 {
        self.alphabet.symbols()[random % self.alphabet.size()]
    }

    fn set_at(&self, word: &[u8], place: usize) -> Vec<u8> {
        let is_check = place >= word.len() - self.coder.scheme().symbols();
        if is_check { self.coder.check_set().iter().collect() } else { self.alphabet.symbols().to_vec() }
    }

    pub(super) fn assert_catches_substitutions(&self, word: &[u8]) {
        assert!(self.is_valid(word));
        for place in 0..word.len() {
            let mut wrong = word.to_vec();
            for symbol in self.set_at(word, place).into_iter().filter(|&symbol| symbol != word[place]) {
                wrong[place] = symbol;
                assert!(!self.is_valid(&wrong), "{} for {}", wrong.escape_ascii(), word.escape_ascii());
            }
        }
    }

    /// The word with symbols `distance` apart swapped, where that changes it.
    pub(super) fn swaps(&self, word: &[u8], distance: usize) -> Vec<Vec<u8>> {
        (0..word.len() - distance)
            .filter(|&place| word[place] != word[place + distance])
            .map(|place| {
                let mut swapped = word.to_vec();
                swapped.swap(place, place + distance);
                swapped
            })
            .collect()
    }

    pub(super) fn assert_catches_swaps(&self, word: &[u8]) {
        for swapped in self.swaps(word, 1) {
            assert!(!self.is_valid(&swapped), "{} for {}", swapped.escape_ascii(), word.escape_ascii());
        }
    }

    pub(super) fn assert_catches_jump_swaps(&self, word: &[u8]) {
        for swapped in self.swaps(word, 2) {
            assert!(!self.is_valid(&swapped), "{} for {}", swapped.escape_ascii(), word.escape_ascii());
        }
    }

    /// A doubled body symbol, `aa`, read as another, `bb`, at every place.
    pub(super) fn assert_catches_twins(&self, word: &[u8]) {
        let body_length = word.len() - self.coder.scheme().symbols();
        for place in 0..body_length - 1 {
            let mut body = word[..body_length].to_vec();
            body[place + 1] = body[place];
            let mut twin = self.codeword(&body);
            for &symbol in self.alphabet.symbols().iter().filter(|&&symbol| symbol != body[place]) {
                twin[place] = symbol;
                twin[place + 1] = symbol;
                assert!(!self.is_valid(&twin), "{} for {}", twin.escape_ascii(), body.escape_ascii());
            }
        }
    }

    /// The share of 200,000 sampled pairs of wrong body symbols that goes undetected.
    pub(super) fn missed_double_substitutions(&self, length: usize) -> f64 {
        self.missed(length, 200_000, Error::DoubleSubstitution)
    }

    /// The share of `samples` errors in the bodies of random words that goes undetected.
    pub(super) fn missed(&self, length: usize, samples: u32, error: Error) -> f64 {
        let mut random = random();
        let (mut tried, mut missed) = (0_u32, 0_u32);
        while tried < samples {
            let mut body: Vec<u8> = (0..length).map(|_| self.symbol(random())).collect();
            let (i, j) = (random() % length, random() % length);
            if error == Error::Twin && i + 1 < length {
                body[i + 1] = body[i];
            }
            let word = self.codeword(&body);
            let (x, y) = (self.symbol(random()), self.symbol(random()));
            let mut wrong = word.clone();
            match error {
                Error::AdjacentSwap if i + 1 < length => wrong.swap(i, i + 1),
                Error::JumpSwap if i + 2 < length => wrong.swap(i, i + 2),
                Error::Twin if i + 1 < length => (wrong[i], wrong[i + 1]) = (x, x),
                Error::DoubleSubstitution if i != j && x != word[i] && y != word[j] => (wrong[i], wrong[j]) = (x, y),
                _ => {}
            }
            if wrong != word {
                tried += 1;
                missed += u32::from(self.is_valid(&wrong));
            }
        }
        f64::from(missed) / f64::from(tried)
    }
}

/// Kinds of errors to sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Error {
    AdjacentSwap,
    JumpSwap,
    Twin,
    DoubleSubstitution,
}

/// A fixed sequence (xorshift64*): the tests are the same on every run.
fn random() -> impl FnMut() -> usize {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        usize::try_from(state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap()
    }
}
