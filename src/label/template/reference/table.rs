//! The table itself.

use super::Type::{
    Distance, Filled, Flag, Id, Ids, List, Mark, Number, Pairs, Pattern, Points, Side, Size, Text, Texts, Whole, Word,
};
use super::{Field, Group, needed, optional, usual};

const INKS: &[&str] = &["black", "white"];
const BOX_ALIGNS: &[&str] = &["left", "top", "center", "right", "bottom"];
const DIRECTIONS: &[&str] = &["right", "down"];

/// Fields at the top of the file, before the first table.
pub const FILE: &[Field] = &[
    needed("nameplate", Number(&[1]), "Version of the template language."),
    needed(
        "name",
        Pattern("^[a-z0-9_-][a-z0-9._-]{0,79}$"),
        "Short name, under which the template is chosen: `a-z`, `0-9`, `-`, `_` and `.`.",
    ),
    needed("title", Text, "One line for people."),
    needed("width_mm", Side, "Width of the label."),
    needed("height_mm", Side, "Height of the label."),
    usual(
        "language",
        Text,
        "\"en\"",
        "Language of the template: a text in several languages must have it, and it is taken if a job asks for a language that is not there.",
    ),
];

/// Fields of `[placement]`.
pub const PLACEMENT: &[Field] = &[
    needed("zone", Text, "Where on the product the label goes: the side, the exact place, how it is found."),
    needed("durability", Text, "Label stock and ribbon, and what they must withstand."),
    usual(
        "stock_color",
        Pattern("^#[0-9a-fA-F]{6}$"),
        "\"#ffffff\"",
        "Colour of the stock: red, green and blue in hexadecimal.",
    ),
    usual("ink_color", Pattern("^#[0-9a-fA-F]{6}$"), "\"#000000\"", "Colour of the print."),
];

/// Fields of `[fields.NAME]`.
pub const FIELD: &[Field] = &[
    optional(
        "per_unit",
        Flag,
        "`true` for `serial`, `serial.printed` and `sscc`, else `false`",
        "The field differs from unit to unit.",
    ),
    usual("optional", Flag, "false", "Data without this field are complete; where it is printed stands nothing."),
    optional(
        "alphabet",
        Text,
        "the characters of the samples",
        "Every character that a value may have, one after the other.",
    ),
    optional("shortest", Whole(1, 10_000), "as the samples", "Characters of the shortest value."),
    optional("longest", Whole(1, 10_000), "as the samples", "Characters of the longest value."),
    optional("samples", List, "a made-up value", "Values for previews and checks, the most usual first."),
];

/// Fields of every element.
pub const COMMON: &[Field] = &[
    needed(
        "id",
        Pattern("^[a-z0-9_-]{1,60}$"),
        "Name of the element in messages and records: `a-z`, `0-9`, `-` and `_`. No two elements have the same.",
    ),
    optional(
        "when",
        Text,
        "always there",
        "When the element is there: `gtin`, `!gtin`, `brand.market = EU|UK`, `brand.code != acme`, or several joined by `&`.",
    ),
    optional(
        "x_mm",
        Distance,
        "one of the three",
        "From the label's left edge to the box's left edge. A box has exactly one of `x_mm`, `right_mm` and `right_of`; none in a stack.",
    ),
    optional("right_mm", Distance, "one of the three", "From the label's right edge to the box's right edge."),
    optional("right_of", Id, "one of the three", "Id of the element to whose right the box stands."),
    optional(
        "y_mm",
        Distance,
        "one of the three",
        "From the label's top edge to the box's top edge. A box has exactly one of `y_mm`, `bottom_mm` and `below`; none in a stack.",
    ),
    optional("bottom_mm", Distance, "one of the three", "From the label's bottom edge to the box's bottom edge."),
    optional("below", Id, "one of the three", "Id of the element below which the box stands."),
    usual(
        "gap_mm",
        Distance,
        "1",
        "Distance from the element named in `right_of` and `below`; none where that element is not there.",
    ),
];

/// The last of the fields of every element.
pub const TURN: Field = usual("turn", Number(&[0, 90, 180, 270]), "0", "Degrees clockwise by which the box is turned.");
/// The same of elements that cannot be turned.
pub const NO_TURN: Field = usual("turn", Number(&[0]), "0", "This element cannot be turned.");

const STYLE: &[Field] = &[
    usual("font", Text, "\"sans\"", "Name of a font."),
    needed("size_pt", Points, "Type size."),
    optional("min_size_pt", Points, "as `size_pt`", "Smallest type size to which a text is shrunk that would not fit."),
    usual("ink", Word(INKS), "\"black\"", "White text stands on a black rectangle that is listed before it."),
];

const INK: &[Field] =
    &[usual("ink", Word(INKS), "\"black\"", "Black, or white on a black rectangle that is listed before it.")];

const CODE: &[Field] = &[
    needed(
        "data",
        Filled,
        "What the code carries. The kinds of GS1, and any code with `digital_link`, take element strings with the identifiers in brackets: `(01){gtin}(21){serial}`.",
    ),
    needed(
        "purpose",
        Word(&["serial", "product", "both", "link", "logistic"]),
        "What the code is for: one unit, a product, product and unit together, a web address, a carton or pallet.",
    ),
    usual(
        "use",
        Word(&["general", "pos", "distribution", "healthcare"]),
        "\"general\"",
        "Where it is scanned: by yourselves and your buyers, at the till, in warehouses and transport, on small items of healthcare. Decides which sizes are demanded.",
    ),
    optional("module_min_mm", Size, "usual for kind and use", "Narrowest module."),
    optional(
        "module_max_mm",
        Size,
        "usual for kind and use",
        "Widest module; the widest one is taken that is whole dots and fits.",
    ),
    usual(
        "align",
        Word(BOX_ALIGNS),
        "\"left\"",
        "Where a symbol stands that is narrower than its box: `left`, `center` or `right`; `top` and `bottom` mean the same as `left` and `right`.",
    ),
    optional("caption", Id, "none", "Id of the text that says what the code is."),
];

const BARS: &[Field] = &[
    needed("width_mm", Size, "Width that the bars may take; the quiet zones are outside."),
    needed("height_mm", Size, "Height of the bars; guard bars of EAN and UPC reach five modules lower."),
];

const MATRIX: &[Field] =
    &[needed("size_mm", Size, "Width and height that the modules may take; the quiet zone is outside.")];

const DIGITS: &[Field] = &[
    optional("digits_font", Text, "no digits", "Font of the digits under the bars."),
    usual("digits_size_pt", Points, "6", "Type size of the digits; needs `digits_font`."),
];

const SHAPE: &[Field] = &[usual("shape", Word(&["square", "rectangle"]), "\"square\"", "Shape of the symbol.")];

const ERROR_CORRECTION: &[Field] = &[optional(
    "error_correction",
    Word(&["L", "M", "Q", "H"]),
    "`\"M\"`",
    "How much damage the symbol survives, from about 7 % (`L`) to 30 % (`H`). Micro QR has no `H`.",
)];

const LINK: &[Field] = &[optional(
    "digital_link",
    Text,
    "plain data",
    "Domain of a GS1 Digital Link made of the data, such as `id.example.com`.",
)];

const IMAGE: &[Field] = &[
    needed("image", Filled, "Name of the picture, usually a placeholder such as `{brand.logo}`."),
    needed("width_mm", Size, "Width of the box."),
    needed("height_mm", Size, "Height of the box."),
    usual(
        "align",
        Word(BOX_ALIGNS),
        "\"left\"",
        "Where a picture stands that is narrower than its box: `left`, `center` or `right`; `top` and `bottom` mean the same as `left` and `right`.",
    ),
];

const MARK: &[Field] =
    &[needed("mark", Mark, "Name of the mark."), needed("height_mm", Size, "Height of the mark; its width follows.")];

const RECTANGLE: &[Field] = &[
    needed("width_mm", Size, "Width."),
    needed("height_mm", Size, "Height."),
    optional("border_mm", Size, "filled", "Thickness of a frame."),
];

const LINE: &[Field] = &[
    needed("length_mm", Size, "Length."),
    usual("thickness_mm", Size, "0.25", "Thickness."),
    usual("direction", Word(DIRECTIONS), "\"right\"", "From left to right, or from top to bottom."),
];

const TEXT: &[Field] = &[
    needed("text", Texts, "What it says."),
    optional(
        "width_mm",
        Size,
        "in a stack: what there is",
        "Width that no line exceeds. Only a text in a stack may do without.",
    ),
    usual("max_lines", Whole(1, 200), "1", "Most lines into which it is broken."),
    usual("leading_percent", Whole(80, 300), "120", "Distance from line to line in hundredths of the type size."),
    usual(
        "align",
        Word(&["start", "left", "center", "right", "end"]),
        "\"start\"",
        "Where lines stand in the box. `start` is the left, for Arabic and Hebrew the right; `end` is the other side.",
    ),
    usual(
        "truncate",
        Flag,
        "false",
        "What does not fit at the smallest size is cut and ends in an ellipsis (…); otherwise the label is refused.",
    ),
];

const TABLE: &[Field] = &[
    needed(
        "rows",
        Pairs,
        "The lines, each a pair of key and value: `[[\"Input\", \"{input}\"], [\"Made\", \"{made.date}\"]]`. A line whose value is empty is left out.",
    ),
    needed("width_mm", Size, "Width of the table."),
    needed("key_width_mm", Size, "Width of the keys' column with the space after it."),
    usual("row_gap_mm", Distance, "0.7", "Space between two lines."),
    optional("key_font", Text, "as `font`", "Font of the keys."),
    usual("max_lines", Whole(1, 50), "1", "Most lines of a key or value."),
];

const STACK: &[Field] = &[
    needed("items", Ids, "Ids of the elements that it places, in order. They have no place of their own."),
    usual("direction", Word(DIRECTIONS), "\"down\"", "From left to right, or from top to bottom."),
    usual("item_gap_mm", Distance, "1", "Space between two elements."),
    needed("width_mm", Size, "Width that the elements may take together."),
    optional(
        "height_mm",
        Size,
        "what they need",
        "Height that the elements of a stack down may take together; height of a stack to the right.",
    ),
    usual(
        "align",
        Word(BOX_ALIGNS),
        "\"left\"",
        "Where elements stand across the stack: `left`, `center` or `right` in a stack down, `top`, `center` or `bottom` in a stack to the right.",
    ),
];

/// All elements.
pub const GROUPS: &[Group] = &[
    Group {
        heading: "Text",
        kinds: &["text"],
        doc: "The box begins at the top of the first line's capitals and ends at the last baseline.",
        fields: &[TEXT, STYLE],
        can_turn: true,
    },
    Group {
        heading: "Bar codes",
        kinds: &["code128", "gs1_128", "itf14", "code39"],
        doc: "Code 128 (ISO/IEC 15417), GS1-128, ITF-14 (ISO/IEC 16390) and Code 39 (ISO/IEC 16388).",
        fields: &[CODE, BARS],
        can_turn: true,
    },
    Group {
        heading: "EAN and UPC",
        kinds: &["ean13", "ean8", "upca"],
        doc: "EAN-13, EAN-8 and UPC-A (ISO/IEC 15420). The data are all digits with the check digit.",
        fields: &[CODE, BARS, DIGITS],
        can_turn: true,
    },
    Group {
        heading: "Data Matrix",
        kinds: &["datamatrix"],
        doc: "Data Matrix ECC 200 (ISO/IEC 16022), the code for the smallest labels.",
        fields: &[CODE, MATRIX, SHAPE, LINK],
        can_turn: true,
    },
    Group {
        heading: "GS1 DataMatrix",
        kinds: &["gs1_datamatrix"],
        doc: "Data Matrix with element strings.",
        fields: &[CODE, MATRIX, SHAPE],
        can_turn: true,
    },
    Group {
        heading: "QR Code",
        kinds: &["qr"],
        doc: "QR Code (ISO/IEC 18004), the code that every telephone reads.",
        fields: &[CODE, MATRIX, ERROR_CORRECTION, LINK],
        can_turn: true,
    },
    Group {
        heading: "Micro QR Code",
        kinds: &["micro_qr"],
        doc: "Micro QR Code (ISO/IEC 18004), for a few characters; most telephones do not read it.",
        fields: &[CODE, MATRIX, ERROR_CORRECTION],
        can_turn: true,
    },
    Group {
        heading: "Picture",
        kinds: &["image"],
        doc: "A PNG or an SVG, scaled to fit its box without distortion.",
        fields: &[IMAGE],
        can_turn: true,
    },
    Group {
        heading: "Mark",
        kinds: &["mark"],
        doc: "A shipped drawing of a regulatory mark or a symbol.",
        fields: &[MARK, INK],
        can_turn: true,
    },
    Group {
        heading: "Rectangle",
        kinds: &["rectangle"],
        doc: "A filled rectangle or a frame.",
        fields: &[RECTANGLE, INK],
        can_turn: true,
    },
    Group { heading: "Line", kinds: &["line"], doc: "A line across or down.", fields: &[LINE, INK], can_turn: false },
    Group {
        heading: "Table",
        kinds: &["table"],
        doc: "Lines of a key and a value, as on a rating plate.",
        fields: &[TABLE, STYLE],
        can_turn: false,
    },
    Group {
        heading: "Stack",
        kinds: &["stack"],
        doc: "Elements one after the other, each pushed by those before it.",
        fields: &[STACK],
        can_turn: false,
    },
];
