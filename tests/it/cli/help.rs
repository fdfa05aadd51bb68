//! Help, usage and what holds for all commands.

use super::Desk;

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let section = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = section.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_help_of_every_command_has_an_example() {
    let desk = Desk::new();
    let mut open: Vec<Vec<String>> = vec![vec![]];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
        args.push("--help");
        let help = desk.run(&args).ok().out;
        let example = format!("nameplate {}", path.join(" "));
        let examples = help.split("Examples:").nth(1).unwrap_or_default();
        assert!(examples.contains(example.trim()), "nameplate {args:?} shows no example:\n{help}");
        assert!(help.lines().all(|line| line.len() <= 140), "{args:?} has lines too long to read");
        open.extend(listed(&help).into_iter().map(|name| [&path[..], &[name]].concat()));
        seen += 1;
    }
    assert!(seen >= 35, "{seen} commands");
}

#[test]
fn what_cannot_be_meant_is_usage() {
    let desk = Desk::new();
    for args in [
        &["reserv"][..],
        &[],
        &["reserve", "--sku", "A"],
        &["reserve", "--count", "many", "--sku", "A", "--batch", "B", "--station", "s"],
        &["report", "BLK-0", "lost", "--all"],
        &["report", "BLK-0", "printed"],
        &["report", "BLK-0", "printed", "--all", "--rest"],
        &["export"],
        &["export", "catalogue.xlsx"],
        &["serial", "new", "--count", "0"],
        &["serial", "new", "--rule", "s99"],
        &["recover", "--reason", "x"],
        &["receipt", "check", "-", "--public-key", "abc"],
        &["reserve", "--sku", "A", "--batch", "B", "--count", "1", "--station", "s", "--key", "two words"],
    ] {
        let ran = desk.run(args).ended(2);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{args:?}: {ran:?}");
    }
    assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 0, "nothing is made by mistake");
}

#[test]
fn openapi_needs_no_installation_and_leaves_nothing_behind() {
    let desk = Desk::new();
    let mut command = desk.command(&["openapi"]);
    let output = command.env("TMPDIR", desk.folder.path()).output().unwrap();
    let document = super::Ran::from(output).ok().json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/blocks"]["post"].is_object());
    assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 0);
}

#[test]
fn the_demo_tells_its_own_data_folder() {
    let help = Desk::new().run(&["demo", "--help"]).ok().out;
    assert!(help.contains("[default: demo-data]") && !help.contains("[default: nameplate-data]"), "{help}");
}
