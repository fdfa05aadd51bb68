//! Each fault is told with its file and line, and with what to write.

use super::*;
use proptest::prelude::*;

const GOOD: &str = r#"server = "https://nameplate.example.com/"
journal = "journal"

[[printer]]
name = "line-1"
token = "npt_7K3M9QX2AB_secret"
driver = "raw"
address = "192.168.4.20"
"#;

fn read(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, text).unwrap();
    Config::read(&path).map_err(|error| error.to_string().replace(&path.display().to_string(), "agent.toml"))
}

fn refusal(text: &str) -> String {
    read(text).unwrap_err()
}

#[test]
fn a_good_one() {
    let config = read(GOOD).unwrap();
    assert_eq!(config.server, "https://nameplate.example.com");
    let printer = &config.printers[0];
    assert_eq!(printer.driver, Driver::Raw(Address { host: "192.168.4.20".into(), port: 9100 }));
    assert_eq!((printer.window, printer.confirm), (1, Confirm::Status));
    assert!(config.journal.ends_with("journal") && config.journal.is_absolute());
}

#[test]
fn no_token_is_shown() {
    assert!(!format!("{:?}", read(GOOD).unwrap()).contains("7K3M9QX2AB"));
}

#[test]
fn unknown_keys_are_named_with_their_line() {
    let error = refusal(&GOOD.replace("address", "adress"));
    assert!(error.starts_with("agent.toml, line 8: unknown field `adress`"), "{error}");
    let error = refusal(&format!("retries = 3\n{GOOD}"));
    assert!(error.starts_with("agent.toml, line 1: unknown field `retries`"), "{error}");
}

#[test]
fn an_address_typed_as_url_is_told_what_to_write() {
    let error = refusal(&GOOD.replace("192.168.4.20", "http://192.168.4.20:9100/"));
    assert!(error.contains("line 8") && error.contains("write 192.168.4.20:9100"), "{error}");
}

#[test]
fn faults_say_where_and_what_to_do() {
    let cases = [
        (GOOD.replace("https://", ""), 1, "has no scheme"),
        (GOOD.replace("npt_", "abc_"), 6, "begins with npt_"),
        (GOOD.replace("address", "uri"), 8, "uri belongs to another driver"),
        (GOOD.replace("address = \"192.168.4.20\"", ""), 4, "address = \"host:port\" is missing"),
        (GOOD.replace("\"raw\"", "\"usb\""), 7, "unknown variant `usb`"),
        (GOOD.replace("line-1", "line 1"), 5, "a printer's name has"),
        (format!("{GOOD}window = 5\n"), 9, "needs confirm = \"counter\""),
        (format!("{GOOD}window = 0\n"), 9, "at least one label"),
        (format!("{GOOD}window = 101\nconfirm = \"counter\"\n"), 9, "at most 100"),
        (format!("{GOOD}retry_s = 0\n"), 9, "from 0.01 to 3600 seconds"),
        (format!("{GOOD}token_file = \"t\"\n"), 9, "give one of them"),
        (format!("{GOOD}{}", &GOOD[GOOD.find("[[").unwrap()..]), 10, "named twice"),
        (format!("wait_s = 60\n{GOOD}"), 1, "at most 25 seconds"),
        (GOOD.replace("192.168.4.20", "192.168.4.20:0"), 8, "write host:port"),
    ];
    for (text, line, what) in cases {
        let error = refusal(&text);
        assert!(error.starts_with(&format!("agent.toml, line {line}: ")) && error.contains(what), "{error}\n{text}");
    }
    assert!(refusal("server = \"https://a.b\"\njournal = \"j\"\n").contains("names no printer"));
}

#[test]
fn what_cannot_confirm_is_not_asked_to() {
    let folder = GOOD.replace("\"raw\"", "\"folder\"").replace("address = \"192.168.4.20\"", "folder = \"out\"");
    assert_eq!(read(&folder).unwrap().printers[0].confirm, Confirm::None);
    assert!(refusal(&format!("{folder}confirm = \"status\"\n")).contains("a folder cannot confirm"));
    let ipp = GOOD.replace("\"raw\"", "\"ipp\"").replace("address = \"192.168.4.20\"", "uri = \"ipp://a/ipp/print\"");
    assert_eq!(read(&ipp).unwrap().printers[0].confirm, Confirm::None);
    assert_eq!(read(&format!("{ipp}confirm = \"status\"\n")).unwrap().printers[0].confirm, Confirm::Status);
    assert!(refusal(&format!("{ipp}confirm = \"counter\"\n")).contains("is for raw printers"));
    let queue = ipp.replace("ipp/print", "printers/zebra");
    assert!(refusal(&format!("{queue}confirm = \"status\"\n")).contains("the printer's own URI"));
}

#[test]
fn uris_become_urls() {
    let url = |text| IppUri::parse(text).map(|uri| uri.url);
    assert_eq!(url("ipp://a/ipp/print").unwrap(), "http://a:631/ipp/print");
    assert_eq!(url("ipps://a:8631/ipp/print").unwrap(), "https://a:8631/ipp/print");
    for bad in ["http://a/", "a:631", "ipp://", "ipp://u:p@a/", "ipp://a/b c"] {
        assert!(url(bad).unwrap_err().contains("ipp://192.168.4.21:631/ipp/print"), "{bad}");
    }
}

#[test]
fn addresses() {
    let shown = |text| Address::parse(text).map(|address| address.to_string());
    assert_eq!(shown("zebra-3.local:6101").unwrap(), "zebra-3.local:6101");
    assert_eq!(shown("fe80::1").unwrap(), "[fe80::1]:9100");
    assert_eq!(shown("[fe80::1]:9101").unwrap(), "[fe80::1]:9101");
    for bad in ["", ":9100", "a:b", "a:70000", "a b", "[fe80::1", "[fe80::1]x", "a/b", "a:1:2"] {
        assert!(shown(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,60}") {
        let _ = (Address::parse(&text), IppUri::parse(&text));
        let _ = read(&GOOD.replace("192.168.4.20", &text));
    }

    #[test]
    fn an_address_reads_back(text in "[a-z0-9.-]{1,20}(:[0-9]{1,5})?") {
        if let Ok(address) = Address::parse(&text) {
            prop_assert_eq!(Address::parse(&address.to_string()).unwrap(), address);
        }
    }
}
