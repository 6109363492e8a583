//! Makes sites: each with a template of its own around articles of its own, line by line known which is which.
//! The same seed makes the same sites everywhere.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::fmt::Write;

/// What a line of a made page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Template,
    /// The day under the title, which stays though the site repeats its wording.
    Byline,
    Article,
}

pub(crate) struct MadePage {
    pub path: String,
    pub lines: Vec<(Kind, String)>,
}

impl MadePage {
    pub(crate) fn text(&self) -> String {
        self.lines.iter().fold(String::new(), |mut text, (_, line)| {
            let _ = writeln!(text, "{line}");
            text
        })
    }
}

/// Pseudo-random numbers: SplitMix64.
pub(crate) struct Dice(pub u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(crate) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// A way of writing: syllables, what stands between words, and how a sentence ends.
struct Script {
    syllables: &'static [&'static str],
    space: &'static str,
    stop: &'static str,
    months: &'static [&'static str],
    /// `{d}`, `{m}`, `{y}`, `{w}` stand for day, month, year and weekday.
    date: &'static str,
    weekdays: &'static [&'static str],
}

const SCRIPTS: [Script; 6] = [
    Script {
        syllables: &["har", "bo", "lin", "tem", "ra", "sel", "do", "quay", "mis", "ter", "an", "gul", "pe", "net"],
        space: " ",
        stop: ".",
        months: &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        date: "{w}, {d} {m} {y}",
        weekdays: &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    },
    Script {
        syllables: &["ha", "fen", "schiff", "mö", "we", "ber", "gen", "licht", "turm", "see", "küs", "te", "ru", "der"],
        space: " ",
        stop: ".",
        months: &[
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        date: "{w}, {d}. {m} {y}",
        weekdays: &["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    },
    Script {
        syllables: &["мо", "ре", "кот", "па", "ром", "ма", "як", "се", "ти", "бе", "рег", "лод", "ка", "шту"],
        space: " ",
        stop: ".",
        months: &[
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ],
        date: "{d} {m} {y}",
        weekdays: &[""],
    },
    Script {
        syllables: &["港", "灯", "船", "海", "风", "鸥", "塔", "潮", "桥", "岸", "渔", "网", "岛", "浪", "帆", "夜"],
        space: "",
        stop: "。",
        months: &["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
        date: "{y}年{m}{d}日",
        weekdays: &[""],
    },
    Script {
        syllables: &["μα", "ρι", "να", "φά", "ρος", "θά", "λασ", "σα", "πλοί", "ο", "δί", "χτυ", "κύ", "μα"],
        space: " ",
        stop: ".",
        months: &[
            "Ιανουαρίου",
            "Φεβρουαρίου",
            "Μαρτίου",
            "Απριλίου",
            "Μαΐου",
            "Ιουνίου",
            "Ιουλίου",
            "Αυγούστου",
            "Σεπτεμβρίου",
            "Οκτωβρίου",
            "Νοεμβρίου",
            "Δεκεμβρίου",
        ],
        date: "{d} {m} {y}",
        weekdays: &[""],
    },
    Script {
        syllables: &["mer", "pha", "re", "ba", "teau", "quai", "lu", "mi", "ère", "ma", "ré", "e", "fi", "let"],
        space: " ",
        stop: ".",
        months: &[
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        date: "le {d} {m} {y}",
        weekdays: &[""],
    },
];

impl Script {
    fn word(&self, dice: &mut Dice) -> String {
        (0..dice.between(2, 4)).map(|_| dice.of(self.syllables)).collect()
    }

    fn words(&self, dice: &mut Dice, low: usize, high: usize) -> String {
        let count = dice.between(low, high);
        let words: Vec<String> = (0..count).map(|_| self.word(dice)).collect();
        let text = words.join(self.space);
        let mut chars = text.chars();
        chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
    }

    fn sentence(&self, dice: &mut Dice, low: usize, high: usize) -> String {
        self.words(dice, low, high) + self.stop
    }

    fn date(&self, dice: &mut Dice) -> String {
        self.date
            .replace("{d}", &dice.between(1, 28).to_string())
            .replace("{m}", dice.of(self.months))
            .replace("{y}", &dice.between(2001, 2024).to_string())
            .replace("{w}", dice.of(self.weekdays))
    }
}

/// A site of so many pages. `number` decides its script and the shape of its template.
pub(crate) fn site(number: usize, pages: usize) -> Vec<MadePage> {
    let mut dice = Dice(1000 + number as u64);
    let script = &SCRIPTS[number % SCRIPTS.len()];
    let host = format!("site{number:02}.example");
    let menu: Vec<String> = (0..dice.between(5, 14)).map(|_| script.words(&mut dice, 1, 2)).collect();
    let before_date = script.words(&mut dice, 1, 2);
    let teaser_heading = script.words(&mut dice, 2, 3);
    let titles: Vec<String> = (0..pages.max(24)).map(|_| script.words(&mut dice, 4, 9)).collect();
    let pool: Vec<String> = match number % 3 {
        0 => titles.clone(),
        1 => (0..24).map(|_| script.words(&mut dice, 5, 10)).collect(),
        _ => (0..24).map(|_| script.sentence(&mut dice, 6, 14)).collect(),
    };
    let box_lines: Vec<String> =
        vec![script.words(&mut dice, 3, 5), script.sentence(&mut dice, 10, 16), script.words(&mut dice, 2, 3)];
    let mut footer: Vec<String> = (0..dice.between(3, 7)).map(|_| script.words(&mut dice, 1, 3)).collect();
    footer.push(script.sentence(&mut dice, 8, 20));
    let labels: Vec<String> = (0..2).map(|_| script.words(&mut dice, 1, 1)).collect();
    (0..pages)
        .map(|page| {
            let mut lines = Vec::new();
            let mut push = |kind, line: String| lines.push((kind, line));
            let active = dice.below(menu.len());
            if number % 4 == 3 {
                push(Kind::Template, menu.join(" | "));
            } else {
                for (item, text) in menu.iter().enumerate() {
                    let text = if item == active { format!("» {text}") } else { text.clone() };
                    push(Kind::Template, text);
                }
            }
            let date = format!("{before_date}: {}", script.date(&mut dice));
            if number.is_multiple_of(2) {
                push(Kind::Template, date.clone());
            }
            push(Kind::Article, titles[page].clone());
            if number % 2 == 1 {
                push(Kind::Byline, date);
            }
            let paragraphs = dice.between(4, 10);
            for paragraph in 0..paragraphs {
                if dice.below(3) == 0 {
                    push(Kind::Article, dice.of(&labels));
                }
                let sentences: Vec<String> =
                    (0..dice.between(1, 4)).map(|_| script.sentence(&mut dice, 8, 20)).collect();
                push(Kind::Article, sentences.join(script.space));
                if number % 5 == 2 && paragraph == 1 {
                    box_lines.iter().for_each(|line| push(Kind::Template, line.clone()));
                }
            }
            if number % 7 != 6 {
                push(Kind::Template, teaser_heading.clone());
            }
            let mut order: Vec<usize> =
                (0..pool.len()).filter(|&other| !number.is_multiple_of(3) || other != page).collect();
            for _ in 0..dice.between(3, 6) {
                let taken = order.swap_remove(dice.below(order.len()));
                push(Kind::Template, pool[taken].clone());
            }
            footer.iter().for_each(|line| push(Kind::Template, line.clone()));
            MadePage { path: format!("{host}/{:04}.txt", page * 7 % 1000), lines }
        })
        .collect()
}
