//! What people type or scan must mean one thing: SKU codes, aliases, GTINs and batch numbers share one space of names.

use jiff::civil::Date;

use super::Catalogue;
use super::alias::AliasKind;
use super::fault::{FaultList, Place};
use super::gtin::Gtin;
use super::reason::RelationReason;
use super::relations::All;
use super::rows::batch::Batch;
use super::rows::sku::Sku;
use super::rows::sku_alias::SkuAlias;

/// The form in which a name is compared: every GTIN in its 14 digits, everything else in upper case.
///
/// ```
/// use nameplate::catalogue::name_key;
///
/// assert_eq!(name_key("614141000036"), name_key("0614141000036"));
/// assert_eq!(name_key("fjäll-35"), "FJÄLL-35");
/// assert_ne!(name_key("614141000037"), name_key("0614141000037")); // no GTINs
/// ```
pub fn name_key(text: &str) -> String {
    match Gtin::new(text) {
        Ok(gtin) => gtin.gtin14(),
        Err(_) => text.to_uppercase(),
    }
}

/// What a name stands for. The order decides which of two meanings a fault calls the first.
#[derive(Debug, Clone, Copy)]
enum Meaning<'a> {
    Sku(&'a Sku),
    Gtin(&'a Sku),
    GtinAlias(&'a SkuAlias),
    Batch(&'a Batch),
    Alias(&'a SkuAlias),
}

impl Meaning<'_> {
    fn rank(self) -> u8 {
        match self {
            Self::Sku(_) => 0,
            Self::Gtin(_) => 1,
            Self::GtinAlias(_) => 2,
            Self::Batch(_) => 3,
            Self::Alias(_) => 4,
        }
    }

    /// The key of the SKU that is meant; none for a batch.
    fn sku_key(self) -> Option<String> {
        match self {
            Self::Sku(sku) | Self::Gtin(sku) => Some(sku.code.key()),
            Self::GtinAlias(alias) | Self::Alias(alias) => Some(alias.sku.key()),
            Self::Batch(_) => None,
        }
    }

    fn words(self) -> String {
        match self {
            Self::Sku(sku) => format!("the code of SKU {}", sku.code),
            Self::Gtin(sku) => format!("the GTIN of SKU {}", sku.code),
            Self::GtinAlias(alias) => format!("a GTIN of SKU {}", alias.sku),
            Self::Batch(batch) => format!("the number of batch {}", batch.code),
            Self::Alias(alias) => format!("an alias of SKU {}", alias.sku),
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Sku(_) | Self::Batch(_) => "code",
            Self::Gtin(_) => "gtin",
            Self::GtinAlias(_) | Self::Alias(_) => "value",
        }
    }
}

/// A name, what it means, and where it stands (`None`: in the database).
struct Name<'a> {
    key: String,
    meaning: Meaning<'a>,
    place: Option<Place>,
}

/// Reports every name of the files that means two things, among themselves or with what is known.
pub(super) fn check(all: &All, known: &Catalogue, faults: &mut FaultList) {
    let mut names = collect(all, known);
    names.sort_by(|left, right| {
        let ranks = left.meaning.rank().cmp(&right.meaning.rank());
        left.key.cmp(&right.key).then(ranks).then(left.place.cmp(&right.place))
    });
    for same in names.chunk_by(|left, right| left.key == right.key) {
        if same.len() > 1 {
            check_kinds(same, faults);
            check_aliases(same, faults);
        }
    }
}

fn collect<'a>(all: &'a All, known: &'a Catalogue) -> Vec<Name<'a>> {
    let mut names = Vec::new();
    for (sku, place) in all.skus.with_known(&known.skus) {
        let (key, meaning) = (name_key(sku.code.as_str()), Meaning::Sku(sku));
        names.push(Name { key, meaning, place });
        if let Some(gtin) = &sku.gtin {
            let (key, meaning) = (gtin.gtin14(), Meaning::Gtin(sku));
            names.push(Name { key, meaning, place });
        }
    }
    for (row, place) in all.sku_aliases.with_known(&known.sku_aliases) {
        let meaning = match row.alias.kind() {
            AliasKind::Gtin => Meaning::GtinAlias(row),
            _ => Meaning::Alias(row),
        };
        let key = name_key(row.alias.value());
        names.push(Name { key, meaning, place });
    }
    for (batch, place) in all.batches.with_known(&known.batches) {
        let (key, meaning) = (name_key(batch.code.as_str()), Meaning::Batch(batch));
        names.push(Name { key, meaning, place });
    }
    names
}

/// Compares each name with the first of its group, unless all are plain aliases. `same` is sorted by rank.
fn check_kinds(same: &[Name<'_>], faults: &mut FaultList) {
    let Some((first, others)) = same.split_first() else {
        return;
    };
    if matches!(first.meaning, Meaning::Alias(_)) {
        return;
    }
    let first_sku = first.meaning.sku_key();
    for other in others {
        if first_sku.is_some() && other.meaning.sku_key() == first_sku {
            continue;
        }
        // The fault is shown in the files: at the other name, or at the first if the other is in the database.
        let (at, meant) = match other.place {
            Some(_) => (other, first),
            None => (first, other),
        };
        let Some(place) = at.place else { continue };
        let reason = RelationReason::NameTaken { what: meant.meaning.words(), first: faults.describe(meant.place) };
        faults.add(place, Some(at.meaning.column()), Some(&at.key), reason.into());
    }
}

/// An alias among others with the same text.
struct Span<'a> {
    row: &'a SkuAlias,
    place: Option<Place>,
    sku: String,
    owner: String,
    last: Date,
}

/// Reports plain aliases of two SKUs that one owner uses on the same days, in one pass in the order of first days.
fn check_aliases(same: &[Name<'_>], faults: &mut FaultList) {
    let mut spans: Vec<Span<'_>> = same
        .iter()
        .filter_map(|name| match name.meaning {
            Meaning::Alias(row) => Some(Span {
                row,
                place: name.place,
                sku: row.sku.key(),
                owner: row.owner.as_ref().map(|owner| owner.key()).unwrap_or_default(),
                last: row.valid_to.unwrap_or(Date::MAX),
            }),
            _ => None,
        })
        .collect();
    spans.sort_by(|left, right| {
        (&left.owner, left.row.valid_from, left.place).cmp(&(&right.owner, right.row.valid_from, right.place))
    });
    for owned in spans.chunk_by(|left, right| left.owner == right.owner) {
        let mut longest = Longest::default();
        for span in owned {
            if let Some(rival) = longest.rival(span) {
                report(span, rival, faults);
            }
            longest.keep(span);
        }
    }
}

/// Of the aliases seen, the one that lasts longest and the one of another SKU that lasts longest: if any alias seen overlaps a
/// later one of another SKU, one of these two does.
#[derive(Default)]
struct Longest<'s, 'a> {
    first: Option<&'s Span<'a>>,
    other: Option<&'s Span<'a>>,
}

impl<'s, 'a> Longest<'s, 'a> {
    /// An alias of another SKU that still holds on the first day of `span`.
    fn rival(&self, span: &Span<'_>) -> Option<&'s Span<'a>> {
        let held = [self.first, self.other].into_iter().flatten();
        held.filter(|held| held.sku != span.sku).find(|held| held.last >= span.row.valid_from)
    }

    fn keep(&mut self, span: &'s Span<'a>) {
        let Some(first) = self.first else {
            self.first = Some(span);
            return;
        };
        if span.last > first.last {
            if first.sku != span.sku {
                self.other = Some(first);
            }
            self.first = Some(span);
        } else if first.sku != span.sku && self.other.is_none_or(|other| other.last < span.last) {
            self.other = Some(span);
        }
    }
}

fn report(span: &Span<'_>, rival: &Span<'_>, faults: &mut FaultList) {
    let (at, other) = match span.place {
        Some(_) => (span, rival),
        None => (rival, span),
    };
    let Some(place) = at.place else { return };
    let reason = RelationReason::AliasTaken { sku: other.row.sku.to_string(), first: faults.describe(other.place) };
    faults.add(place, Some("value"), Some(at.row.alias.value()), reason.into());
}
