//! Turns what was learned of a site into rules, in the form of a rule file.

use std::fmt::Write;

use crate::passes::templates::learned::{Find, Learned, Where, Wording};
use crate::passes::templates::learned_places::{LearnedPlace, MOST_WORDS, PlaceRule};
use crate::rules::{LOOSE_WORDS, Part};

/// Ways of one line that are listed or shown as hits.
const WAYS: usize = 3;

/// The most lines of a run that a rule is made for.
const RUN_LINES: usize = 20;

/// The rules that are still to be written for what was learned, as tables of a rule file; empty where there is
/// nothing to write. `is_taken` knows the ids that the file has already.
pub fn tables(learned: &Learned, is_taken: impl Fn(&str) -> bool) -> String {
    let mut tables = Tables { text: String::new(), given: Vec::new(), is_taken: &is_taken, pages: learned.pages };
    for (place, id) in [(Where::Head, "head"), (Where::Tail, "tail")] {
        let finds: Vec<&Find> = learned.finds.iter().filter(|find| find.place == place && find.is_template).collect();
        for within in [Some(if place == Where::Head { Part::Head } else { Part::Tail }), None] {
            let equal: Vec<&Find> = finds.iter().copied().filter(|find| find.rule == Wording::Equals(within)).collect();
            tables.equals(id, place, within, &equal);
            for find in &finds {
                match &find.rule {
                    Wording::Regex(part, pattern) if *part == within => tables.regex(id, within, pattern, find),
                    _ => {}
                }
            }
        }
    }
    for find in learned.finds.iter().filter(|find| find.rule == Wording::Run) {
        tables.run(find);
    }
    for place in learned.places.iter().filter(|place| place.rule == PlaceRule::Fits) {
        tables.place(place);
    }
    tables.text
}

/// A file of rules for a site that has none yet.
pub fn file(host: &str, tables: &str) -> String {
    format!("about = {}\n{tables}", quoted(&format!("{host}: what the site repeats on its pages.")))
}

struct Tables<'t> {
    text: String,
    given: Vec<String>,
    is_taken: &'t dyn Fn(&str) -> bool,
    pages: u32,
}

impl Tables<'_> {
    fn equals(&mut self, id: &str, place: Where, within: Option<Part>, finds: &[&Find]) {
        if finds.is_empty() {
            return;
        }
        let mut literals: Vec<&str> = Vec::new();
        for way in finds.iter().flat_map(|find| find.lines.iter().flat_map(|ways| ways.iter().take(WAYS))) {
            if !literals.contains(&way.as_str()) {
                literals.push(way);
            }
        }
        let (least, most) = (finds.iter().map(|find| find.on).min(), finds.iter().map(|find| find.on).max());
        let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
        let on = if least == most { most.to_string() } else { format!("{least} to {most}") };
        let edge = if place == Where::Head { "head" } else { "tail" };
        self.open(&format!("learned-{id}"));
        let list: String = literals.iter().map(|literal| format!("  {},\n", quoted(literal))).collect();
        self.line(format_args!("equals = [\n{list}]"));
        self.narrow(within);
        self.line(format_args!(
            "why    = {}",
            quoted(&format!("Lines at the {edge} of {on} of {} pages looked at.", self.pages))
        ));
        self.hits(literals.iter().take(WAYS).copied());
    }

    fn regex(&mut self, id: &str, within: Option<Part>, pattern: &str, find: &Find) {
        let ways = || find.lines.iter().flatten().map(String::as_str);
        self.open(&format!("learned-{id}-changing"));
        self.line(format_args!("regex  = {}", quoted(pattern)));
        let words = ways().map(|way| way.split_whitespace().count() as u32).max().unwrap_or_default();
        if words > LOOSE_WORDS {
            self.line(format_args!("words_at_most = {words}"));
        }
        self.narrow(within);
        let why = format!("A line of this look stands there on {} of {} pages looked at.", find.on, self.pages);
        self.line(format_args!("why    = {}", quoted(&why)));
        let regex = regex::Regex::new(pattern).ok();
        let fits = |way: &&str| regex.as_ref().is_some_and(|regex| regex.is_match(way));
        self.hits(ways().filter(fits).take(WAYS));
    }

    fn run(&mut self, find: &Find) {
        let lines: Vec<&str> = find.lines.iter().filter_map(|ways| ways.first()).map(String::as_str).collect();
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
        if lines.len() > RUN_LINES {
            return;
        }
        self.open("learned-run");
        self.line(format_args!("from   = {{ equals = {} }}", quoted(first)));
        self.line(format_args!("until  = {{ equals = {} }}", quoted(last)));
        self.line(format_args!("at_most = {}", lines.len()));
        let why = format!("A run of lines inside the text of {} of {} pages looked at.", find.on, self.pages);
        self.line(format_args!("why    = {}", quoted(&why)));
        let run = lines.join("\n");
        self.hits([run.as_str()]);
    }

    fn place(&mut self, place: &LearnedPlace) {
        self.open("learned-place");
        self.line(format_args!("regex  = '\\S'"));
        self.line(format_args!("words_at_most = {MOST_WORDS}"));
        self.line(format_args!("within = {}", quoted(&place.selector)));
        let own = f64::from(place.own) / 10.0;
        let why =
            format!("On {} of {} pages looked at {own:.1} % of what stands in it is own text.", place.on, self.pages);
        self.line(format_args!("why    = {}", quoted(&why)));
        self.hits(place.lines.iter().map(String::as_str));
    }

    /// Starts a rule, its id numbered where one of that name is there.
    fn open(&mut self, name: &str) {
        let names = std::iter::once(name.to_string()).chain((2..).map(|number| format!("{name}-{number}")));
        let is_free = |id: &String| !(self.is_taken)(id) && !self.given.contains(id);
        let id = names.into_iter().find(is_free).unwrap_or_default();
        self.line(format_args!("\n[[drop]]\nid     = {}", quoted(&id)));
        self.given.push(id);
    }

    fn narrow(&mut self, within: Option<Part>) {
        if let Some(part) = within {
            self.line(format_args!("where  = {}", quoted(part.name())));
        }
    }

    fn hits<'h>(&mut self, hits: impl IntoIterator<Item = &'h str>) {
        let hits: Vec<String> = hits.into_iter().map(quoted).collect();
        self.line(format_args!("hits   = [{}]", hits.join(", ")));
    }

    fn line(&mut self, line: std::fmt::Arguments) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
