//! The commands and requests of `docs/stations.md` are what program and server take.

use nameplate::service::print::{Scan, StationPrint};

#[test]
fn the_examples_for_stations_can_be_typed() {
    let text = include_str!("../../../docs/stations.md");
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let (mut commands, mut bodies) = (0, 0);
    for line in lines {
        if let Some(body) = line.split_once("-d '").and_then(|(_, rest)| rest.strip_suffix('\'')) {
            let fits = match line.contains("/prints") {
                true => serde_json::from_str::<StationPrint>(body).map(drop),
                false => serde_json::from_str::<Scan>(body).map(drop),
            };
            assert!(fits.is_ok(), "{body}: {fits:?}");
            bodies += 1;
        } else if line.starts_with("nameplate ") {
            let parsed = nameplate::cli::command().try_get_matches_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            commands += 1;
        }
    }
    assert!(commands >= 7 && bodies == 2, "{commands} commands, {bodies} bodies");
}
