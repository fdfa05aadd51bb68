//! Every page of the product as its readers get it: by desktop and phone, by day and night. A page that is added to the
//! product gets a row in the table.

use crate::support::browser::{Site, Tab, in_browser};

/// What a page must hold to.
struct Page {
    path: &'static str,
    status: u64,
    /// Most that the first visit may transfer without images, in kilobytes of 1,000 bytes.
    kilobytes: u64,
}

const PAGE: Page = Page { path: "", status: 200, kilobytes: 100 };

macro_rules! pages {
    ($($name:ident { $($field:ident: $value:expr),* })*) => {
        $(async fn $name(site: Site) {
            judge(&mut site.tab(), stringify!($name), &Page { $($field: $value,)* ..PAGE });
        })*
        in_browser!($($name),*);
    };
}

pages! {
    start { path: "/" }
    manual { path: "/docs", kilobytes: 400 }
    problems { path: "/problems" }
    problem { path: "/problems/key-reused" }
    nowhere { path: "/nowhere", status: 404 }
}

fn judge(tab: &mut Tab, name: &str, page: &Page) {
    let mut found = Vec::new();
    for phone in [false, true] {
        if phone {
            tab.phone();
        }
        // Without the cache every visit is a first one.
        tab.without_cache();
        tab.open(page.path);
        assert_eq!(tab.status_of_last_navigation(), page.status);
        let (sent, shift) = (tab.transferred(), tab.layout_shift());
        println!("{name}: {} bytes in {} requests, layout shift {shift}", sent.bytes, sent.requests);
        if sent.bytes > page.kilobytes * 1_000 {
            found.push(format!("transfers {} bytes, more than {} kB", sent.bytes, page.kilobytes));
        }
        if shift > 0.0 {
            found.push(format!("its layout shifts by {shift}"));
        }
        for dark in [false, true] {
            if dark {
                tab.dark();
            } else {
                tab.light();
            }
            tab.screenshot(name);
            found.extend(tab.axe());
        }
    }
    found.extend(tab.checks());
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{}:\n{}", page.path, found.join("\n"));
}
