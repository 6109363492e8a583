//! The furniture of a page: what stands around its text on every page of the site.
//!
//! One file a kind; each judges by shape, runs, neighbours and repetition, with the word lists where
//! the shape alone does not tell. A kind that is not sure leaves the line. Single lines told by
//! their wording alone are the general rules' business.

mod above;
mod alphabet;
mod archive;
mod author;
mod boxes;
mod breadcrumb;
mod calendar;
mod comments;
mod contents;
mod credits;
mod donation;
mod glued;
mod hidden;
mod languages;
mod line_numbers;
mod link_cells;
mod menu;
mod pager;
mod place;
mod sort;
mod symbols;
mod template;
mod updated;
mod widget;

use crate::line::PageFeatures;
use crate::marks::{Marks, StageRule};
use crate::stage::Stage;
use crate::stages::layout::Layout;
pub(super) use author::AUTHOR;
pub(super) use contents::CONTENTS;

/// The stage.
#[derive(Debug, Default)]
pub struct Furniture;

impl Furniture {
    /// The stage with the word lists that are embedded in the binary.
    pub fn new() -> Furniture {
        Furniture
    }
}

impl Stage for Furniture {
    fn name(&self) -> &'static str {
        "furniture"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let layout = Layout::of(page);
        KINDS.iter().for_each(|judge| judge(&layout, marks));
    }
}

/// A kind of furniture: marks what it is sure of.
type Kind = fn(&Layout, &mut Marks);

/// The kinds in their order: those that know a line by more than its neighbours come first.
const KINDS: [Kind; 24] = [
    symbols::judge,
    hidden::judge,
    boxes::judge,
    donation::judge,
    place::judge,
    widget::judge,
    line_numbers::judge,
    calendar::judge,
    alphabet::judge,
    archive::judge,
    languages::judge,
    contents::judge,
    pager::judge,
    comments::judge,
    author::judge,
    updated::judge,
    breadcrumb::judge,
    sort::judge,
    template::judge,
    credits::judge,
    glued::judge,
    menu::judge,
    link_cells::judge,
    above::judge,
];

static RULES: [StageRule; 26] = [
    symbols::SYMBOLS,
    hidden::HIDDEN,
    donation::DONATION,
    boxes::BOX,
    boxes::PITCH,
    boxes::CONSENT,
    place::PLACE,
    widget::WIDGET,
    line_numbers::LINE_NUMBERS,
    calendar::CALENDAR,
    alphabet::ALPHABET,
    archive::ARCHIVE,
    languages::LANGUAGES,
    contents::CONTENTS,
    pager::PAGER,
    comments::COMMENTS,
    author::AUTHOR,
    updated::UPDATED,
    breadcrumb::BREADCRUMB,
    sort::SORT,
    template::TEMPLATE,
    credits::CREDITS,
    glued::GLUED,
    menu::MENU,
    link_cells::LINK_CELL,
    above::ABOVE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::trial::{expect, rules};

    const TEXT: &str = "The keeper of the northern light has counted every ship since the spring, and this year, \
        she says, there were more of them than in any year before the great storm.\n\
        Most of them carry timber, a few carry salt, and one, which nobody in the village had seen before, \
        carried nothing at all but a brass band that played the whole night.";

    #[test]
    fn calendars_go_in_many_languages_and_forms() {
        for calendar in [
            "Sun Mon Tue Wed Thu Fri Sat\n1234567\n891011121314\n15161718192021\n22232425262728\n2930",
            "September 2024\nM T W T F S S\n1\n2345678\n9101112131415\n16171819202122\n23242526272829\n30\n« Aug   Oct »",
            "Mo Di Mi Do Fr Sa So\n 1 2 3 4 5\n6 7 8 9 10 11 12\n13 14 15 16 17 18 19\n20 21 22 23 24 25 26\n27 28 29 30 31",
            "L M M J V S D\n1 2\n3 4 5 6 7 8 9\n10 11 12 13 14 15 16\n17 18 19 20 21 22 23\n24 25 26 27 28",
            "Пн Вт Ср Чт Пт Сб Вс\n1234\n567891011\n12131415161718\n19202122232425\n262728293031\n« Сен",
            "Пн\nВт\nСр\nЧт\nПт\nСб\nНд\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22",
            "P W Ś C P S N\n123\n45678910\n11121314151617\n18192021222324\n25262728",
            "日 一 二 三 四 五 六\n1 2 3 4\n5 6 7 8 9 10 11\n12 13 14 15 16 17 18\n19 20 21 22 23 24 25\n26 27 28 29 30",
            "月火水木金土日\n1\n2345678\n9101112131415\n16171819202122\n23242526272829",
            "2024년 9월\n일 월 화 수 목 금 토\n1 2 3 4 5 6 7\n8 9 10 11 12 13 14\n15 16 17 18 19 20 21\n22 23 24 25 26 27 28\n29 30",
            "س ح ن ث ر خ ج\n١ ٢ ٣ ٤ ٥\n٦ ٧ ٨ ٩ ١٠ ١١ ١٢\n١٣ ١٤ ١٥ ١٦ ١٧ ١٨ ١٩\n٢٠ ٢١ ٢٢ ٢٣ ٢٤ ٢٥ ٢٦",
            "Pzt Sal Çar Per Cum Cmt Paz\n1 2 3 4 5 6 7\n8 9 10 11 12 13 14\n15 16 17 18 19 20 21\n22 23 24",
        ] {
            let found = rules(&[&Furniture], &format!("{TEXT}\n\n{calendar}"));
            assert_eq!(found, ["furniture#calendar"], "{calendar}");
        }
    }

    #[test]
    fn calendars_go_whole() {
        expect(
            &[&Furniture],
            "+ The keeper counted the ships, and there were more of them than in any year before.
             -
             - October 2024
             - Mon Tue Wed Thu Fri Sat Sun
             - 123456
             - 78910111213
             - 14151617181920
             - 21222324252627
             - 28293031
             - « Sep   Nov »
             + The ferry leaves at nine.",
        );
    }

    #[test]
    fn tables_timetables_and_counts_are_no_calendars() {
        expect(
            &[&Furniture],
            "+ Mon Tue Wed Thu Fri Sat Sun
             + 9:00 9:00 9:00 9:00 9:00 10:00 10:00
             + 17:30 17:30 17:30 17:30 17:30 14:00 14:00
             +
             + | Mo | Di | Mi | Do | Fr | Sa | So |
             + | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
             + | 8 | 9 | 10 | 11 | 12 | 13 | 14 |
             + | 15 | 16 | 17 | 18 | 19 | 20 | 21 |
             + | 22 | 23 | 24 | 25 | 26 | 27 | 28 |
             +
             + 12
             + 345
             + 6789",
        );
    }

    #[test]
    fn pagers_go_with_the_headlines_beside_them() {
        for (back, on) in [
            ("Previous", "Next"),
            ("Vorheriger Beitrag", "Nächster Beitrag"),
            ("Article précédent", "Article suivant"),
            ("Предыдущая запись", "Следующая запись"),
            ("上一篇", "下一篇"),
            ("Önceki haber", "Sonraki haber"),
        ] {
            let pager = format!(
                "{TEXT}\n\n{back}\n{back}\n\nOtters Found in the Dry Dock\n\n{on}\n{on}\n\nMayor Opens the Bridge Again"
            );
            assert_eq!(rules(&[&Furniture], &pager), ["furniture#pager"], "{back}");
            assert_eq!(judged_away(&pager), 6, "{back}");
        }
    }

    fn judged_away(text: &str) -> usize {
        let page = crate::stages::trial::page(text);
        let marks = crate::stages::trial::judged(&[&Furniture], &page);
        marks.verdicts().filter(|verdict| !verdict.stays()).count()
    }

    #[test]
    fn words_of_pagers_inside_sentences_stay() {
        expect(
            &[&Furniture],
            "+ Next, whisk the eggs until they are pale and the sugar has dissolved in them.
             + Previous owners had painted the boat green, which the harbour master never forgave.",
        );
    }

    #[test]
    fn empty_comment_sections_and_forms_go() {
        for line in [
            "No comments:",
            "Keine Kommentare:",
            "Aucun commentaire",
            "Нет комментариев",
            "Brak komentarzy",
            "暂无评论",
            "コメントはありません",
            "댓글 없음",
            "لا توجد تعليقات",
            "Henüz yorum yok",
            "Leave a Reply",
            "Your email address will not be published. Required fields are marked *",
            "Votre adresse e-mail ne sera pas publiée.",
        ] {
            assert_eq!(rules(&[&Furniture], &format!("{TEXT}\n\n{line}")), ["furniture#comments"], "{line}");
        }
    }

    #[test]
    fn each_kind_knows_its_own() {
        for (text, rule) in [
            ("Home › News › Harbour", "furniture#breadcrumb"),
            ("Accueil > Culture > Le phare", "furniture#breadcrumb"),
            ("A B C D E F G H I J K L M", "furniture#alphabet"),
            ("Deutsch\nFrançais\nEspañol\n日本語", "furniture#languages"),
            ("2024 (12)\n2023 (40)\nDecember (4)", "furniture#archive"),
            ("Archiv\nSeptember 2024\nAugust 2024", "furniture#archive"),
            ("{{price}} per night", "furniture#template"),
            ("OverviewBookingClientsPrices", "furniture#glued"),
            ("Sort by\nNewest first\nFilter", "furniture#sort"),
            ("→", "furniture#symbols"),
            ("Avatar photo", "furniture#author"),
            ("• Update Time : Friday, March 1, 2024", "furniture#updated"),
            ("• Harbour\n• About us\n• Boats\n• Privacy policy\n• Tides", "furniture#menu"),
            ("Startseite\nKontakt\nImpressum", "furniture#menu"),
            ("Главная\nНовости\nКонтакты", "furniture#menu"),
            ("ホーム\n会社概要\nお問い合わせ", "furniture#menu"),
        ] {
            assert_eq!(rules(&[&Furniture], &format!("{text}\n\n{TEXT}")), [rule], "{text}");
        }
        for line in ["© All rights reserved © 2005-2024 Harbour Post", "Design and Development Gull & Sons"] {
            assert_eq!(rules(&[&Furniture], &format!("{TEXT}\n\n{line}")), ["furniture#credits"], "{line}");
        }
    }

    #[test]
    fn a_title_and_its_date_below_a_menu_stay() {
        expect(
            &[&Furniture],
            "- Startseite
             - Archiv
             - Kontakt
             +
             + Drei Wochen ohne Tee
             + 27. März 2024
             + Lesezeit: drei Minuten
             +
             + Der Wasserkessel der Fähre ist am Ostersamstag über Bord gegangen, und niemand hat ihn vermisst.",
        );
    }

    #[test]
    fn a_table_of_contents_goes_and_its_headings_stay() {
        expect(
            &[&Furniture],
            "- In this article
             - Ships
             - 2. Timber and salt
             +
             + Ships
             + The keeper counted the ships, and there were more of them than in any year before.
             + Timber and salt
             + Most of them carry timber, a few carry salt, and one of them a brass band.",
        );
    }

    #[test]
    fn the_text_keeps_its_lists_tables_headings_quotes_and_code() {
        expect(
            &[&Furniture],
            "+ Soup for a Lighthouse Keeper
             +
             + Put the potatoes on first, since they take the longest, and cut the fish while they boil.
             +
             + • 500 g potatoes
             + • 2 onions
             + • 1 bay leaf
             + • Salt
             + • Pepper
             + • Cream
             +
             + Pros
             + • Cheap
             + • Warm
             + Cons
             + • Fish
             +
             + | Fish | Price |
             + |---|---|
             + | Cod | 4 |
             +
             + “It tastes of the sea”
             + — the keeper
             +
             +     for pot in pots {
             +     }
             +
             + Serve it in deep bowls while it is hot, and leave the window open for the gulls to complain.",
        );
    }

    #[test]
    fn placeholders_on_a_page_about_templates_stay() {
        for page in [
            "+ The greeting is written with {{ keeper.name }} and nothing else, as the handbook of the lamp says.\n+ {{ keeper.name }}",
            "+ Set it in the workflow.\n+     KEY: ${{ secrets.LAMP }}\n+ {{ lamp }}",
            "+ The script rings when the lamp is out.\n+ if [[ ! -f $lamp ]]\n+ [[ -n $dark ]] && echo dark",
            "+ {% if storm %}\n+ Stay in, {{ keeper }}\n+ {% endif %}",
            "+ {{#each boats}}\n+ Ahoy {{name}},\n+ {{/each}}",
            "+ Ahoy {{name}},\n+ Put {{{sail}}} where the wind is.",
        ] {
            expect(&[&Furniture], page);
        }
    }

    #[test]
    fn the_box_of_an_author_goes_under_a_heading_with_the_name() {
        let bio = "Ida Marsh has counted ships since 1987 and has written two books on it, one of them in verse.";
        let text = TEXT.replace('\n', "\n+ ");
        expect(&[&Furniture], &format!("+ {text}\n- About Ida Marsh\n- {bio}"));
        expect(&[&Furniture], &format!("+ About Ida Marsh\n+ {bio}\n+ {text}"));
    }
}
