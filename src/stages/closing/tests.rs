//! What closing gives back and takes, line by line.

use super::*;
use crate::marks::{Evidence, Mark, RuleId, StageRule};
use crate::stages::trial::{expect, judged, page};

static OTHER: StageRule = StageRule { address: "furniture#other", why: "drops for the test" };

/// Drops the lines that hold a word.
struct Dropping(&'static str);

impl Stage for Dropping {
    fn name(&self) -> &'static str {
        "furniture"
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let found = (0..page.len()).filter(|&block| page.text(block).contains(self.0));
        found.for_each(|block| marks.drop(block, Mark::judged(&OTHER)));
    }
}

static SCORE: StageRule = StageRule { address: "model#score", why: "drops for the test" };

/// Drops lines as the model does: those that start with a text, with a score each.
struct Scoring(&'static [(&'static str, u16)]);

impl Stage for Scoring {
    fn name(&self) -> &'static str {
        "model"
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        for block in 0..page.len() {
            let found = self.0.iter().find(|(start, _)| page.text(block).starts_with(start));
            if let Some(&(_, permille)) = found {
                marks.drop(block, Mark { rule: RuleId::Judge(&SCORE), because: Evidence::Score { permille } });
            }
        }
    }
}

#[test]
fn the_title_that_the_model_took_comes_back_and_what_it_thinks_impossible_does_not() {
    let model = Scoring(&[("The best", 3), ("The mayor loses", 20), ("By Ida", 300)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!(
            "- The best news of the coast\n-\n+ The mayor loses the key to the town\n- By Ida Marsh of Tern Head\n\
             + The mayor at the gate of the old town. Photo: Ida Marsh\n+\n+ {TEXT}"
        ),
    );
}

#[test]
fn the_standfirst_beside_the_title_comes_back_and_what_is_short_or_unlikely_does_not() {
    let model = Scoring(&[("The mayor loses", 400), ("Nobody", 150), ("Everybody", 140), ("Ida", 290)]);
    let (found, refused) =
        ("Nobody has seen it since the fair on Sunday", "Everybody has seen it at the fair on Sunday");
    for (block, sign) in [(found, '+'), (refused, '-'), ("Ida Marsh at Tern Head", '-')] {
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!(
                "+ The mayor loses the key to the town\n{sign} {block}\n+\n+ {TEXT}\n+\n+ {TEXT}\n+\n+ {TEXT}\n- {block}"
            ),
        );
    }
    // Over the title of a text its menu stands as often.
    let over = format!("- {found}\n+ The mayor loses the key to the town\n+\n+ {TEXT}\n+\n+ {TEXT}");
    expect(&[&model, &Closing::new(Title::Keep)], &over);
}

#[test]
fn a_heading_that_the_model_took_comes_back_over_text_and_not_over_nothing() {
    let model = Scoring(&[("Likely", 300), ("Unlikely", 50), ("Stranded", 300), ("junk", 10)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!(
            "+ {TEXT}\n+\n+ Likely heading\n+ {TEXT}\n+\n- Unlikely heading\n+ {TEXT}\n+\n\
             - Stranded heading\n- junk\n+ {TEXT}"
        ),
    );
}

#[test]
fn prose_that_the_model_doubts_comes_back_next_to_prose_that_stays() {
    let doubted = "Doubted, the otters swam out to the buoy and back again before the harbour master had breakfast.";
    let refused = doubted.replace("Doubted", "Refused");
    let model = Scoring(&[("Doubted", 350), ("Refused", 250), ("junk", 10)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!("+ {doubted}\n+ {TEXT}\n- {refused}\n+ {TEXT}\n- junk\n- {doubted}\n- junk"),
    );
    expect(&[&model, &Closing::new(Title::Keep)], &format!("+ {TEXT}\n+ {doubted}\n- {doubted}\n- junk"));
}

#[test]
fn without_blank_lines_a_likelier_heading_comes_back_between_prose() {
    let model = Scoring(&[("Likely", 300), ("Unlikely", 150), ("Stranded", 300)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!("+ {TEXT}\n+ Likely heading\n+ {TEXT}\n- Unlikely heading\n+ {TEXT}\n+ A line\n- Stranded\n+ {TEXT}"),
    );
}

#[test]
fn answers_under_labels_that_recur_come_back_and_buttons_do_not() {
    let model = Scoring(&[("Pros", 60), ("Cons", 60), ("Dry", 60), ("Heavy", 60), ("Tell me", 60)]);
    let section =
        format!("+ {TEXT}\n+\n+ Pros\n+ Dry as a bone\n+ Cons\n+ Heavy as an old anchor\n+\n- Tell me more\n+\n");
    expect(&[&model, &Closing::new(Title::Keep)], &format!("{}+ {TEXT}", section.repeat(3)));
    let bare = section
        .replace("+ Pros\n+ Dry as a bone", "- Pros")
        .replace("+ Cons\n+ Heavy as an old anchor", "+ An heirloom");
    expect(&[&model, &Closing::new(Title::Keep)], &format!("{}+ {TEXT}", bare.repeat(3)));
}

#[test]
fn lines_inside_tables_and_code_come_back_and_lines_below_them_do_not() {
    let model = Scoring(&[("|---", 40), ("}", 40), ("| junk", 40), ("junk", 40)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!(
            "+ {TEXT}\n+\n+ | Region | Tide |\n+ |---|---|\n+ | Tern Head | high |\n- | junk | row |\n-\n\
             +     alarm {{\n+     }}\n+     say = 2\n+\n+ {TEXT}\n- junk\n+ {TEXT}"
        ),
    );
}

const TEXT: &str = "The otters had been living in the dry dock since the spring, the harbour master said.";

#[test]
fn a_heading_with_nothing_left_under_it_goes() {
    expect(&[&Dropping("junk"), &Closing::new(Title::Keep)], &format!("+ {TEXT}\n+\n- Sources:\n-\n- junk\n- junk"));
}

#[test]
fn a_heading_with_text_under_it_stays() {
    expect(&[&Dropping("junk"), &Closing::new(Title::Keep)], &format!("+ {TEXT}\n+\n+ Sources\n+ {TEXT}\n- junk"));
}

#[test]
fn a_page_that_would_lose_its_prose_gets_it_back() {
    let text = format!("{TEXT}\n{TEXT}\nA short line");
    let page = page(&text);
    let marks = judged(&[&Dropping("otters"), &Closing::new(Title::Keep)], &page);
    assert!(marks.verdicts().all(|verdict| verdict.stays()));
    assert_eq!(outcome(&PageFeatures::of(&page), &marks), Outcome::Guarded);
}

#[test]
fn of_a_short_page_that_the_model_would_take_whole_the_likeliest_lines_come_back() {
    let model = Scoring(&[("Brass", 90), ("Weight", 45), ("Follow", 20)]);
    expect(&[&model, &Closing::new(Title::Keep)], "+ Brass fog bell\n+ Weight 4 kg\n- Follow us");
    expect(&[&model, &Closing::new(Title::Keep)], &format!("+ {}", "Brass fog bell ".repeat(40).trim()));
}

#[test]
fn a_whole_page_of_which_nothing_is_its_own_stays_empty() {
    let text = "Follow us\nOur privacy notice tells how we use what you tell us.\n".repeat(10);
    let page = page(&text);
    let marks = judged(&[&Scoring(&[("Follow", 90), ("Our", 80)]), &Closing::new(Title::Keep)], &page);
    assert_eq!(outcome(&PageFeatures::of(&page), &marks), Outcome::Emptied);
}

#[test]
fn a_page_without_prose_is_marked_and_put_back_only_where_nothing_would_remain() {
    for (text, stay) in [("junk one\njunk two", 2), ("junk one\nfare 2.40", 1)] {
        let page = page(text);
        let marks = judged(&[&Dropping("junk"), &Closing::new(Title::Keep)], &page);
        assert_eq!(marks.verdicts().filter(|verdict| verdict.stays()).count(), stay, "{text}");
        assert_eq!(outcome(&PageFeatures::of(&page), &marks), Outcome::NoText);
    }
}

#[test]
fn short_titles_and_questions_come_back_and_menus_do_not() {
    let model = Scoring(&[("Weir", 30), ("Can a", 60), ("“It", 60), ("Home", 300), ("Sport", 300), ("By", 5)]);
    for title in ["Weir Lane", "Can a river jump over a school?", "“It was there last night!”"] {
        expect(&[&model, &Closing::new(Title::Keep)], &format!("- Home\n- Sport\n+ {title}\n+ {TEXT}\n+ {TEXT}"));
        expect(&[&Closing::new(Title::Drop)], &format!("- {title}\n+ {TEXT}\n+ {TEXT}"));
    }
    expect(&[&model, &Closing::new(Title::Keep)], &format!("- Weir Lane\n- By the way\n- Sport\n- Home\n+ {TEXT}"));
}

#[test]
fn the_first_paragraph_comes_back_over_a_label_that_rules_took() {
    let first = TEXT.replace("The otters", "First, the otters");
    let model = Scoring(&[("First", 200)]);
    expect(
        &[&Dropping("Advert"), &model, &Closing::new(Title::Keep)],
        &format!("+ {first}\n- Advertisement\n+ {TEXT}"),
    );
    let refused = Scoring(&[("First", 200), ("A caption", 5)]);
    expect(&[&refused, &Closing::new(Title::Keep)], &format!("- {first}\n- A caption\n+ {TEXT}"));
}

#[test]
fn the_last_sentence_comes_back_and_what_stands_below_does_not() {
    let model = Scoring(&[("They", 150), ("Share", 150), ("You can", 30)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!("+ {TEXT}\n+ They have not left.\n- Share this\n- They may come back."),
    );
    expect(&[&model, &Closing::new(Title::Keep)], &format!("+ {TEXT}\n- You can unsubscribe.\n- Share this"));
}

#[test]
fn a_list_that_a_colon_announces_comes_back() {
    let model = Scoring(&[("The tracks", 50), ("1", 40), ("2", 40), ("3", 40), ("Filed", 40), ("Mayor", 40)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!("+ {TEXT}\n+ The tracks:\n+ 1. Lamp Fair\n+ 2. Moth\n+ 3. Salt\n- Filed away\n- Mayor sings"),
    );
}

#[test]
fn short_lines_at_the_end_are_no_headings() {
    let below = "+ Tarn 1 – 4 Hedmora\n+\n+ Ida Marsh\n-\n- junk\n- junk";
    expect(&[&Dropping("junk"), &Closing::new(Title::Keep)], &format!("+ {TEXT}\n+\n{below}"));
}

#[test]
fn the_title_of_a_page_of_two_lines_stays() {
    let model = Scoring(&[("Ferry", 60)]);
    expect(&[&model, &Closing::new(Title::Keep)], &format!("+ Ferry sails\n+ {TEXT}"));
}

#[test]
fn a_short_title_comes_back_over_buttons_that_rules_took() {
    let model = Scoring(&[("The seventh gate", 30), ("Otters", 30)]);
    let stages: [&dyn Stage; 3] = [&Dropping("junk"), &model, &Closing::new(Title::Keep)];
    expect(&stages, &format!("+ The seventh gate\n- junk: share\n- junk: print\n- junk: save\n+ {TEXT}"));
    // A single word over buttons is as likely a button.
    expect(&stages, &format!("- Otters\n- junk: share\n+ {TEXT}"));
    expect(&stages, &format!("+ Otters\n+ {TEXT}"));
    expect(&stages, &format!("- The seventh gate\n{}+ {TEXT}", "- junk: share\n".repeat(6)));
}

#[test]
fn the_title_of_short_sentences_comes_back() {
    let model = Scoring(&[("The mayor loses", 30), ("Home", 5)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        "- Home\n+ The mayor loses the key\n+\n+ It was never found.\n+ Nobody looked for it.",
    );
}

#[test]
fn headings_over_short_sentences_come_back() {
    let model = Scoring(&[("Likely", 300), ("Unlikely", 50)]);
    expect(
        &[&model, &Closing::new(Title::Keep)],
        &format!(
            "+ {TEXT}\n+\n+ Likely heading\n+ Otters swim at night.\n+\n- Unlikely heading\n+ They sleep all day."
        ),
    );
}

#[test]
fn headings_that_a_table_of_contents_names_come_back() {
    struct Contents;
    impl Stage for Contents {
        fn name(&self) -> &'static str {
            "furniture"
        }
        fn judge(&self, _: &PageFeatures, marks: &mut Marks) {
            [0, 1].into_iter().for_each(|block| marks.drop(block, Mark::judged(&crate::stages::furniture::CONTENTS)));
        }
    }
    let model = Scoring(&[("Where they sleep", 20), ("What they eat", 20), ("Where they swim", 20)]);
    let page = format!(
        "- 1. Where they sleep\n- What they eat\n+ {TEXT}\n+ Where they sleep\n+ under the quay\n+ What they eat\n\
         + cold fish\n- Where they swim\n+ in the dock"
    );
    expect(&[&Contents, &model, &Closing::new(Title::Keep)], &page);
}

#[test]
fn a_plain_list_under_a_colon_comes_back_up_to_what_rules_took() {
    let model = Scoring(&[("A tin", 60), ("Two", 60), ("salt", 60), ("Gulls", 60)]);
    expect(
        &[&Dropping("junk"), &model, &Closing::new(Title::Keep)],
        &format!(
            "+ {TEXT}\n+ They had in their larder:\n+ A tin of herring\n+ Two onions\n+ salt, pepper\n- junk\n- Gulls at the gate"
        ),
    );
}

#[test]
fn the_rest_of_a_run_comes_back_where_some_of_it_stays_below_a_sentence() {
    let model = Scoring(&[("A tin", 150), ("String", 150), ("Gulls", 20)]);
    let stages: [&dyn Stage; 3] = [&Dropping("junk"), &model, &Closing::new(Title::Keep)];
    let run = "+ Three pairs of socks\n+ A tin mug\n+ A pencil\n+ String\n- junk";
    expect(&stages, &format!("+ {TEXT}\n{run}"));
    // The first of them stays, or none comes back; and what the model is sure of does not.
    let other =
        run.replace("+ Three pairs of socks\n", "").replace("+ A tin", "- A tin").replace("+ String", "- String");
    expect(&stages, &format!("+ {TEXT}\n{other}"));
    expect(&stages, &format!("+ {TEXT}\n+ Three pairs of socks\n- Gulls at the gate\n- Gulls on the pier\n- junk"));
}

#[test]
fn the_times_of_a_live_page_come_back_with_its_entries() {
    let model = Scoring(&[("9", 50), ("8", 50), ("7", 50), ("Gulls", 150), ("12", 50)]);
    let stages: [&dyn Stage; 3] = [&Dropping("junk"), &model, &Closing::new(Title::Keep)];
    for [nine, eight, seven] in
        [["9:42", "8:10", "7:55"], ["9.42pm", "8.10pm", "7.55am"], ["9 hours ago", "8 hours ago", "7 minutes ago"]]
    {
        let times = format!(
            "+ {TEXT}\n+ {nine}\n+ Gulls return\n+ They sit on the pier again.\n- junk\n+ {eight}\n+ The pier is closed to all.\n- junk\n\
             + {seven}\n+ Good morning to all of you."
        );
        expect(&stages, &times);
        // Two are no list, and a number without a sentence below it is none of an entry.
        let two = format!(
            "+ {TEXT}\n- {nine}\n+ The pier is closed to all.\n- junk\n- {eight}\n+ Good morning to all of you."
        );
        expect(&stages, &two);
    }
    expect(&stages, &format!("+ {TEXT}\n- 9:42\n- junk\n- 8:10\n- junk\n- 7:55\n- junk\n- 12 gulls"));
}

#[test]
fn the_dates_and_titles_of_posts_come_back() {
    let model =
        Scoring(&[("3 May", 50), ("14 April", 50), ("2 June", 50), ("A file", 120), ("Glue", 120), ("Doors", 90)]);
    let post = |title: &str, date: &str| format!("{title}\n+ {date}\n+ Nobody had tried it in winter.\n- junk\n");
    let posts =
        [("+ A file for the handle", "2 June 2024"), ("+ Glue in winter", "3 May 2024"), ("- Doors", "14 April 2024")];
    let posts: String = posts.map(|(title, date)| post(title, date)).concat();
    expect(&[&Dropping("junk"), &model, &Closing::new(Title::Keep)], &posts);
}

#[test]
fn the_dates_of_posts_in_a_thread_do_not_come_back() {
    let model = Scoring(&[("gull_", 120), ("Joined", 120), ("Mon", 120)]);
    let post = |above: &str| format!("- {above}\n- Mon 5 Feb 2024\n+ Nobody had tried it in winter.\n- junk\n");
    for above in ["gull_of_tern", "Joined: 12 Apr 2011"] {
        expect(
            &[&Dropping("junk"), &model, &Closing::new(Title::Keep)],
            &format!("+ {TEXT}\n- junk\n{}", post(above).repeat(3)),
        );
    }
}
