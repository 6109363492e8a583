//! The walk in ARCHITECTURE.md is true: the files it names exist, and the sample page goes the way it tells.

mod program;

use std::fs;

use program::{project, rows};

#[test]
fn every_file_that_the_walk_names_exists() {
    let text = fs::read_to_string(project("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 120, "two pages at most");
    let named = text.split('`').skip(1).step_by(2);
    let mut seen = 0;
    for name in named.filter(|name| name.ends_with(".rs") && !name.contains(' ')) {
        let places = [project(name), project("src").join(name)];
        assert!(places.iter().any(|place| place.exists()), "ARCHITECTURE.md names {name}, which is not there");
        seen += 1;
    }
    assert!(seen >= 12, "the walk names its rooms");
}

#[test]
fn the_sample_page_goes_the_way_it_tells() {
    let row = rows(&project("clean")).remove("harbourpost.example/2024/ferry-leaves-at-nine.txt").unwrap();
    assert_eq!(row["site"], "www.harbourpost.example");
    assert_eq!(row["site_source"], "url");
    let count = |blocks: &serde_json::Value| blocks[1].as_u64().unwrap() - blocks[0].as_u64().unwrap() + 1;
    let times = |rule: &str| {
        let dropped = row["dropped"].as_array().unwrap().iter();
        dropped.filter(|dropped| dropped["rule"] == rule).map(|dropped| count(&dropped["blocks"])).sum::<u64>()
    };
    assert_eq!(times("headline#repeated"), 3, "three copies of the headline go");
    assert!(times("furniture#menu") > 5, "the menu that stands twice goes");
}
