//! Element strings and Digital Links: published examples, refusals, properties.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> ElementString {
    ElementString::parse(text).unwrap()
}

fn refused(text: &str) -> Gs1Error {
    ElementString::parse(text).unwrap_err()
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    parse(text).push_encoded('|', &mut out);
    out
}

#[test]
fn bar4_the_example_of_the_facts_is_encoded_with_one_separator() {
    assert_eq!(encoded("(01)09506000134352(10)B42(21)7K3M"), "010950600013435210B42|217K3M");
    let fnc1 = parse("(01)09506000134352(10)B42(21)7K3M").fnc1_string();
    assert_eq!(fnc1, format!("{FNC1}010950600013435210B42{FNC1}217K3M"));
}

#[test]
fn predefined_lengths_come_first_and_need_no_separator() {
    // GS1 General Specifications 7.8.5: 01, 17 and 310n have predefined lengths, 10 and 21 have not.
    let text = "(10)ABC123(21)4711(01)09501101530003(17)271231(3103)000500";
    assert_eq!(encoded(text), "01095011015300031727123131030005001 0ABC123|214711".replace(' ', ""));
    assert_eq!(parse(text).human_readable(), "(01)09501101530003(17)271231(3103)000500(10)ABC123(21)4711");
    assert_eq!(encoded("(402)12345678901234560(00)106141412345678908"), "0010614141234567890840212345678901234560");
    assert_eq!(
        encoded("(402)12345678901234560(10)A"),
        "40212345678901234560|10A",
        "402 is as long always, yet separated"
    );
}

#[test]
fn a_shorter_gtin_becomes_its_gtin_14() {
    for (given, gtin) in
        [("9506000134352", "09506000134352"), ("036000291452", "00036000291452"), ("96385074", "00000096385074")]
    {
        assert_eq!(parse(&format!("(01){given}")).value("01"), Some(gtin));
        assert_eq!(parse(&format!("(02){given}(37)12")).value("02"), Some(gtin));
    }
    assert!(matches!(refused("(01)950600013435"), Gs1Error::CheckDigit { .. }), "cut by one digit");
    assert!(matches!(refused("(414)950600013435"), Gs1Error::Value { .. }), "only a GTIN is filled up");
}

#[test]
fn what_is_wrong_is_named() {
    assert_eq!(
        refused("(01)09506000134353").to_string(),
        "(01) 09506000134353 has the check digit 3, but 2 would be right: one of its digits is wrong"
    );
    assert!(matches!(refused("(00)106141412345678909"), Gs1Error::CheckDigit { expected: 8, .. }));
    assert_eq!(refused("(21)7K3M"), Gs1Error::SerialWithoutIdentity);
    assert_eq!(refused("(10)A(10)B"), Gs1Error::Repeated { ai: "10".into() });
    assert_eq!(refused("(05)123"), Gs1Error::UnknownAi { ai: "05".into() });
    assert_eq!(refused("(3106)123456"), Gs1Error::UnknownAi { ai: "3106".into() });
    assert_eq!(refused("(310)123456"), Gs1Error::UnknownAi { ai: "310".into() });
    assert_eq!(refused(""), Gs1Error::Empty);
    assert_eq!(refused("0109506000134352"), Gs1Error::NoAi { found: "0109506000134352".into() });
    assert_eq!(
        refused("(17)271301").to_string(),
        "(17) \"271301\" is wrong: it must be a date as yyMMdd (day 00 for a whole month)"
    );
    assert_eq!(refused(&"(".repeat(2_000_000)), Gs1Error::TooLong { bytes: 2_000_000 });
}

#[test]
fn values_are_as_their_ai_wants_them() {
    let good = [
        "(17)270200",
        "(17)280229",
        "(30)8",
        "(37)12345678",
        "(20)07",
        "(3925)12345",
        "(8005)001234",
        "(8008)2711211330",
        "(8008)271121133059",
        "(8010)ABC-1/#",
        "(8018)950600013435200008",
        "(8200)https://example.com/%20",
        "(420)SW1A-1AA",
        "(421)528ABC",
        "(253)4006381333931ABC",
        "(253)4006381333931",
        "(8006)095060001343520103",
        "(99)!\"%&'()*+,-./:;<=>?_",
        "(8003)09506000134352A",
        "(7003)2711212359",
    ];
    for text in good {
        assert!(ElementString::parse(text).is_ok(), "{text}: {}", refused(text));
    }
    let bad = [
        "(17)270229",
        "(17)27022",
        "(17)2702311",
        "(30)",
        "(30)123456789",
        "(20)7",
        "(8008)27112124",
        "(8008)271121133",
        "(8010)abc",
        "(8006)095060001343520403",
        "(8006)095060001343520003",
        "(10)",
        "(10)ABCDEFGHIJKLMNOPQRSTU",
        "(10)a b",
        "(10)ü",
        "(10)A^B",
        "(10)A\u{1d}B",
        "(421)52A",
        "(410)4006381333930",
        "(7003)271121236",
        "(7003)2711212400",
    ];
    for text in bad {
        assert!(matches!(refused(text), Gs1Error::Value { .. } | Gs1Error::CheckDigit { .. }), "{text}");
    }
}

#[test]
fn brackets_in_values_are_clear_or_escaped() {
    let value = |text: &str| parse(text).value("10").unwrap().to_owned();
    assert_eq!(value("(10)A(B)(1)(12345)"), "A(B)(1)(12345)", "no AI has one digit or five");
    assert_eq!(value(r"(10)A\(11)B"), "A(11)B");
    assert_eq!(value(r"(10)\(("), "((");
    assert_eq!(parse(r"(10)A\(11)B").bracketed(), r"(10)A\(11)B");
    assert_eq!(parse(r"(10)A\(11)B").human_readable(), "(10)A(11)B");
    assert_eq!(
        refused("(10)A(11)B"),
        Gs1Error::Value {
            ai: "11".into(),
            value: "B".into(),
            expected: "a date as yyMMdd (day 00 for a whole month)".into(),
        }
    );
    assert!(matches!(refused(r"(10)A\B"), Gs1Error::Value { .. }), "a backslash stands for nothing else");
}

#[test]
fn links_have_their_parts_in_order() {
    let link = |text: &str| parse(text).digital_link("id.gs1.org").unwrap();
    let all = "(17)271231(21)7K3M(10)B42(22)2A(3103)000500(01)09506000134352";
    assert_eq!(link(all), "https://id.gs1.org/01/09506000134352/22/2A/10/B42/21/7K3M?17=271231&3103=000500");
    assert_eq!(link("(00)106141412345678908"), "https://id.gs1.org/00/106141412345678908");
    assert_eq!(link("(414)9501101530003(254)32a/b"), "https://id.gs1.org/414/9501101530003/254/32a%2Fb");
    assert_eq!(link("(8006)095060001343520102(21)A"), "https://id.gs1.org/8006/095060001343520102/21/A");
    assert_eq!(link("(01)09506000134352(21)a?%&"), "https://id.gs1.org/01/09506000134352/21/a%3F%25%26");
    assert_eq!(parse("(10)A").digital_link("id.gs1.org"), Err(Gs1Error::LinkWithoutKey));
    let too_bad =
        ["", "a b", "https://id.gs1.org", "id.gs1.org/", "-a.org", "a..b", "host:99999", "ho\u{e9}st", "a@b", "a?b"];
    for host in too_bad {
        assert_eq!(parse("(01)09506000134352").digital_link(host), Err(Gs1Error::Host { host: host.into() }));
    }
}

#[test]
fn links_of_others_are_read() {
    let read = |link: &str| ElementString::parse_digital_link(link).map(|elements| elements.bracketed());
    // GS1 Digital Link Standard: URI Syntax, section on examples.
    assert_eq!(
        read("https://example.com/some/path/01/9506000134352/10/AB%2D1?17=271231&linkType=all&s4t#top"),
        Ok("(01)09506000134352(17)271231(10)AB-1".into())
    );
    assert_eq!(read("HTTP://localhost:8080/00/106141412345678908"), Ok("(00)106141412345678908".into()));
    for wrong in [
        "ftp://id.gs1.org/01/09506000134352",
        "https://id.gs1.org/01/09506000134352/21/A/10/B",
        "https://id.gs1.org/01",
        "https://id.gs1.org/",
        "https://id.gs1.org/01/09506000134352/21/%zz",
        "https://id.gs1.org/01/09506000134352/21/%C3%BC",
        "https://id.gs1.org/01/09506000134352/21/%",
    ] {
        assert!(matches!(read(wrong), Err(Gs1Error::Link { .. })), "{wrong}");
    }
    assert!(matches!(read("https://id.gs1.org/01/09506000134353"), Err(Gs1Error::CheckDigit { .. })));
    assert!(matches!(read("https://id.gs1.org/01/09506000134352?01=1"), Err(Gs1Error::Repeated { .. })));
    assert!(matches!(read(&"https://a/".repeat(1000)), Err(Gs1Error::LinkTooLong { .. })));
}

/// A value of character set 82.
fn value_82() -> impl Strategy<Value = String> {
    "[A-Za-z0-9!\"%&'()*+,./:;<=>?_-]{1,20}"
}

// Invariants:
// 1. `bracketed` and `digital_link` read back as the same elements, whatever the values are.
// 2. A separator never ends the encoded data, and without separators they are the AIs and values in order.
// 3. No text makes the parsers panic; what they accept, they accept again in its canonical form.
proptest! {
    #[test]
    fn elements_read_back(serial in value_82(), batch in value_82(), variant in value_82(), weight in "[0-9]{6}") {
        let mut elements = ElementString::default();
        for (ai, value) in [("21", &serial), ("10", &batch), ("3102", &weight), ("22", &variant), ("01", &"09506000134352".into())] {
            elements.push(ai, value, Brackets::AsTheyAre).unwrap();
        }
        elements.finish().unwrap();
        prop_assert_eq!(&ElementString::parse(&elements.bracketed()).unwrap(), &elements);
        let link = elements.digital_link("id.example").unwrap();
        prop_assert!(link.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.?=&%-_~".contains(&b)), "{}", link);
        let back = ElementString::parse_digital_link(&link).unwrap();
        for ai in ["01", "10", "21", "22", "3102"] {
            prop_assert_eq!(back.value(ai), elements.value(ai));
        }
        let mut encoded = String::new();
        elements.push_encoded('\u{1d}', &mut encoded);
        let is_ended = encoded.ends_with('\u{1d}');
        prop_assert!(!is_ended);
        let plain: String = elements.elements().flat_map(|(ai, value)| [ai, value]).collect();
        prop_assert_eq!(encoded.replace('\u{1d}', ""), plain);
    }

    #[test]
    fn no_text_does_harm(text in "(\\(?[0-9]{0,4}\\)?\\PC{0,6}){0,5}|\\PC{0,40}", link in "https?://[a-z./0-9%?=&#]{0,60}") {
        if let Ok(elements) = ElementString::parse(&text) {
            prop_assert_eq!(&ElementString::parse(&elements.bracketed()).unwrap(), &elements);
        }
        if let Ok(elements) = ElementString::parse_digital_link(&link) {
            prop_assert!(elements.digital_link("a.b").is_ok());
        }
    }
}
