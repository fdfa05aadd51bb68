//! What the value of each application identifier must be (GS1 General Specifications section 3).

use super::super::ean_digits::check_digit;
use super::Gs1Error;

/// The rule of one AI, or of the AIs `nnn0` to `nnn5` whose last digit says the decimals.
#[derive(Debug)]
pub(super) struct Rule {
    /// The AI, or its first three digits.
    ai: &'static str,
    has_decimals: bool,
    /// Needs no separator (GS1 General Specifications figure 7.8.5-2).
    pub(super) has_predefined_length: bool,
    parts: &'static [Part],
}

/// One part of a value. Only the last part may vary in length.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// Digits, at least and at most so many.
    Digits(usize, usize),
    /// So many digits of which the last one is the check digit.
    Checked(usize),
    /// yyMMdd; day 00 means the whole month.
    Date,
    /// HH, HHmm or HHmmss, at least and at most so many digits; may be empty if the least is 0.
    Time(usize, usize),
    /// Which piece of how many, two digits each.
    Piece,
    /// Characters of set 82, at least and at most so many.
    Text(usize, usize),
    /// Characters of set 39, at most so many.
    Text39(usize),
}

use Part::{Checked, Date, Digits, Piece, Text, Text39, Time};

const fn fixed(ai: &'static str, parts: &'static [Part]) -> Rule {
    Rule { ai, has_decimals: false, has_predefined_length: true, parts }
}

const fn separated(ai: &'static str, parts: &'static [Part]) -> Rule {
    Rule { ai, has_decimals: false, has_predefined_length: false, parts }
}

const fn measure(ai: &'static str) -> Rule {
    Rule { ai, has_decimals: true, has_predefined_length: true, parts: &[Digits(6, 6)] }
}

const fn amount(ai: &'static str) -> Rule {
    Rule { ai, has_decimals: true, has_predefined_length: false, parts: &[Digits(1, 15)] }
}

/// The rules, in the order of the AIs.
#[rustfmt::skip]
const RULES: &[Rule] = &[
    fixed("00", &[Checked(18)]), fixed("01", &[Checked(14)]), fixed("02", &[Checked(14)]), fixed("03", &[Checked(14)]),
    separated("10", &[Text(1, 20)]),
    fixed("11", &[Date]), fixed("12", &[Date]), fixed("13", &[Date]), fixed("15", &[Date]), fixed("16", &[Date]), fixed("17", &[Date]),
    fixed("20", &[Digits(2, 2)]),
    separated("21", &[Text(1, 20)]), separated("22", &[Text(1, 20)]),
    separated("235", &[Text(1, 28)]), separated("240", &[Text(1, 30)]), separated("241", &[Text(1, 30)]),
    separated("242", &[Digits(1, 6)]), separated("243", &[Text(1, 20)]), separated("250", &[Text(1, 30)]),
    separated("251", &[Text(1, 30)]), separated("253", &[Checked(13), Text(0, 17)]), separated("254", &[Text(1, 20)]),
    separated("255", &[Checked(13), Digits(0, 12)]),
    separated("30", &[Digits(1, 8)]),
    measure("310"), measure("311"), measure("312"), measure("313"), measure("314"), measure("315"), measure("316"),
    measure("320"), measure("321"), measure("322"), measure("323"), measure("324"), measure("325"), measure("326"),
    measure("327"), measure("328"), measure("329"),
    measure("330"), measure("331"), measure("332"), measure("333"), measure("334"), measure("335"), measure("336"),
    measure("337"),
    measure("340"), measure("341"), measure("342"), measure("343"), measure("344"), measure("345"), measure("346"),
    measure("347"), measure("348"), measure("349"),
    measure("350"), measure("351"), measure("352"), measure("353"), measure("354"), measure("355"), measure("356"),
    measure("357"),
    measure("360"), measure("361"), measure("362"), measure("363"), measure("364"), measure("365"), measure("366"),
    measure("367"), measure("368"), measure("369"),
    separated("37", &[Digits(1, 8)]),
    amount("390"), amount("392"),
    separated("400", &[Text(1, 30)]), separated("401", &[Text(1, 30)]), separated("402", &[Checked(17)]),
    separated("403", &[Text(1, 30)]),
    fixed("410", &[Checked(13)]), fixed("411", &[Checked(13)]), fixed("412", &[Checked(13)]), fixed("413", &[Checked(13)]),
    fixed("414", &[Checked(13)]), fixed("415", &[Checked(13)]), fixed("416", &[Checked(13)]), fixed("417", &[Checked(13)]),
    separated("420", &[Text(1, 20)]), separated("421", &[Digits(3, 3), Text(1, 9)]), separated("422", &[Digits(3, 3)]),
    separated("7003", &[Date, Time(4, 4)]),
    separated("710", &[Text(1, 20)]), separated("711", &[Text(1, 20)]), separated("712", &[Text(1, 20)]),
    separated("713", &[Text(1, 20)]), separated("714", &[Text(1, 20)]),
    separated("8003", &[Checked(14), Text(0, 16)]), separated("8004", &[Text(1, 30)]), separated("8005", &[Digits(6, 6)]),
    separated("8006", &[Checked(14), Piece]), separated("8008", &[Date, Time(2, 6)]), separated("8010", &[Text39(30)]),
    separated("8011", &[Digits(1, 12)]), separated("8013", &[Text(1, 25)]),
    separated("8017", &[Checked(18)]), separated("8018", &[Checked(18)]), separated("8019", &[Digits(1, 10)]),
    separated("8020", &[Text(1, 25)]), separated("8200", &[Text(1, 70)]),
    separated("90", &[Text(1, 30)]), separated("91", &[Text(1, 90)]), separated("92", &[Text(1, 90)]),
    separated("93", &[Text(1, 90)]), separated("94", &[Text(1, 90)]), separated("95", &[Text(1, 90)]),
    separated("96", &[Text(1, 90)]), separated("97", &[Text(1, 90)]), separated("98", &[Text(1, 90)]),
    separated("99", &[Text(1, 90)]),
];

impl Rule {
    /// The rule of an AI.
    pub(super) fn of(ai: &str) -> Option<&'static Rule> {
        RULES.iter().find(|rule| match ai.strip_prefix(rule.ai) {
            None => false,
            Some("") => !rule.has_decimals,
            Some(decimals) => rule.has_decimals && matches!(decimals, "0" | "1" | "2" | "3" | "4" | "5"),
        })
    }

    /// How many characters a value has that needs no separator after it.
    pub(super) fn predefined_length(&self) -> Option<usize> {
        self.has_predefined_length.then(|| self.parts.iter().map(|part| part.longest()).sum())
    }

    /// Checks a value.
    pub(super) fn check(&self, ai: &str, value: &str) -> Result<(), Gs1Error> {
        let mut rest = value.as_bytes();
        for part in self.parts {
            let taken = part.length(rest).ok_or_else(|| self.refusal(ai, value))?;
            let (this, after) = rest.split_at(taken);
            if let Checked(_) = part {
                let digits: [u8; 18] = std::array::from_fn(|i| this.get(i).map_or(0, |byte| byte - b'0'));
                let (actual, expected) = (digits[taken - 1], check_digit(&digits[..taken - 1]));
                if actual != expected {
                    let (ai, value) = (ai.to_owned(), value.to_owned());
                    return Err(Gs1Error::CheckDigit { ai, value, actual, expected });
                }
            }
            rest = after;
        }
        if rest.is_empty() { Ok(()) } else { Err(self.refusal(ai, value)) }
    }

    fn refusal(&self, ai: &str, value: &str) -> Gs1Error {
        let expected: Vec<String> = self.parts.iter().map(|part| part.in_words()).collect();
        let value = super::shown(value);
        Gs1Error::Value { ai: ai.to_owned(), value, expected: expected.join(", then ") }
    }
}

impl Part {
    /// How many bytes of a value this part takes; `None` if it is wrong.
    fn length(self, rest: &[u8]) -> Option<usize> {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let two = |at: usize| rest[at..at + 2].iter().fold(0, |sum, digit| sum * 10 + (digit - b'0'));
        let (min, max, found) = match self {
            Digits(min, max) => (min, max, digits),
            Checked(count) => (count, count, digits),
            Date => (6, 6, digits),
            Time(min, max) => (min, max, digits),
            Piece => (4, 4, digits),
            Text(min, max) => (min, max, rest.iter().take_while(|&&byte| is_in_set_82(byte)).count()),
            Text39(max) => (1, max, rest.iter().take_while(|&&byte| is_in_set_39(byte)).count()),
        };
        let taken = found.min(max);
        let is_right = taken >= min
            && match self {
                Date => two(2) >= 1 && two(2) <= 12 && two(4) <= days_in_month(two(0), two(2)),
                Time(..) => taken % 2 == 0 && two(0) < 24 && (2..taken).step_by(2).all(|at| two(at) < 60),
                Piece => two(0) >= 1 && two(0) <= two(2),
                _ => true,
            };
        is_right.then_some(taken)
    }

    /// The most characters of this part.
    fn longest(self) -> usize {
        match self {
            Digits(_, max) | Time(_, max) | Text(_, max) | Text39(max) | Checked(max) => max,
            Date => 6,
            Piece => 4,
        }
    }

    fn in_words(self) -> String {
        let span = |min: usize, max: usize| if min == max { min.to_string() } else { format!("{min} to {max}") };
        match self {
            Digits(min, max) => format!("{} digits", span(min, max)),
            Checked(14) => "14 digits with a check digit (a GTIN of 8, 12 or 13 with zeros in front)".to_owned(),
            Checked(count) => format!("{count} digits with a check digit"),
            Date => "a date as yyMMdd (day 00 for a whole month)".to_owned(),
            Time(2, _) => "a time as HH, HHmm or HHmmss".to_owned(),
            Time(..) => "a time as HHmm".to_owned(),
            Piece => "the piece and the number of pieces, two digits each".to_owned(),
            Text(min, max) => {
                format!("{} characters of A-Z a-z 0-9 ! \" % & ' ( ) * + , - . / : ; < = > ? _", span(min, max))
            }
            Text39(max) => format!("1 to {max} characters of A-Z 0-9 # - /"),
        }
    }
}

/// Days of a month; 29 for February of a year divisible by four, which holds from 1901 to 2099.
fn days_in_month(year: u8, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(year.is_multiple_of(4)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// GS1 AI encodable character set 82 (GS1 General Specifications figure 7.11-1).
fn is_in_set_82(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&byte)
}

/// GS1 AI encodable character set 39 (GS1 General Specifications figure 7.11-2).
fn is_in_set_39(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"#-/".contains(&byte)
}
