//! The numbers that the stage goes by, each with its source.
//!
//! Scores are what the model gives a line, in thousandths: the probability that it is the page's own text. Where no source is
//! named, a number was chosen on held-out folds of the training data (`rules/model/CARD.md` says how to measure it again).

use serde::{Deserialize, Serialize};

/// The numbers that the stage goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// The least score of running prose that comes back next to prose that stays. As with the two thresholds of an edge
    /// detector (Canny 1986), company is worth a doubt.
    pub prose_score: u16,
    /// The same of the first paragraph, above all that stays.
    pub first_score: u16,
    /// Lines between two paragraphs that are looked over at most where rules dropped them: labels of advertising, links.
    pub labels_between: usize,
    /// The least score of a short sentence right below the text.
    pub last_score: u16,
    /// Its words at least.
    pub last_words: u32,
    /// Sentences that come back below the text at most.
    pub last_lines: usize,
    /// Words of an entry of a list that a line announces, at most.
    pub entry_words: u32,
    /// The least mean score of such a list.
    pub list_score: u32,
    /// Lines between two paragraphs that come back at most.
    pub between_most: usize,
    /// The same at least: of one or two, most are captions and links.
    pub between_least: usize,
    /// The least mean score of lines between two paragraphs.
    pub between_score: u32,
    /// The same of lines below the last one.
    pub below_score: u32,
    /// The mean that the lines of a run must have of which some stay.
    pub run_score: u32,
    /// Words up to which a title is a name, or as likely the entry of a menu: it stands right over the text or its byline.
    pub title_short: u32,
    /// The least score of a title.
    pub title_score: u16,
    /// The least score of a standfirst.
    pub standfirst_score: u16,
    /// Its words at least.
    pub standfirst_words: u32,
    /// Words of a heading at most.
    pub heading_words: u32,
    /// The least score of a heading over text that stays: less is furniture for sure.
    pub heading_score: u16,
    /// The same where no blank line tells it from the prose above.
    pub gapless_heading_score: u16,
    /// Headings of one page that may go as bare at its end.
    pub bare_headings: usize,
    /// Lines of a table or of code that are given back at most where they stand between lines that stay.
    pub inside_lines: usize,
    /// Blocks of one name in one element, at least, that stay, for another one to come back.
    pub siblings: usize,
    /// The share of them, in hundredths, that stays at least.
    pub sibling_share: usize,
    /// The least score of a block among them.
    pub sibling_score: u16,
    /// The least score of a date in an entry that stays.
    pub date_score: u16,
    /// The least score of a heading in an entry that stays.
    pub entry_heading_score: u16,
    /// The least score of a caption beside a table that stays.
    pub caption_score: u16,
    /// The least score of a line between two that stay.
    pub company_score: u16,
    /// The least score of a line right below the last prose that stays, where one of its kind stays above.
    pub last_company_score: u16,
    /// How often a label stands between the first and the last prose that stays, at least.
    pub label_times: usize,
    /// Words of a label at most.
    pub label_words: u32,
    /// Words of an answer under a label at most.
    pub answer_words: u32,
    /// Lines from one label to the next at most, the prose between sections left aside.
    pub answers: usize,
    /// The least score of an answer.
    pub answer_score: u16,
    /// The least score of prose for the guard to miss it.
    pub guard_score: u16,
    /// Of a short page that the model would take whole, the lines come back whose score times this is at least the highest.
    pub likely_share: u16,
    /// Of a page with fewer words, or fewer lines, there is too little for the model to say that it has no text of its own: it
    /// has learned from whole pages.
    pub judged_words: u32,
    /// See [`Thresholds::judged_words`].
    pub judged_lines: usize,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds {
            prose_score: 300,
            first_score: 150,
            labels_between: 4,
            last_score: 100,
            last_words: 3,
            last_lines: 2,
            entry_words: 24,
            list_score: 20,
            between_most: 40,
            between_least: 3,
            between_score: 150,
            below_score: 150,
            run_score: 150,
            title_short: 3,
            title_score: 10,
            standfirst_score: 150,
            standfirst_words: 8,
            heading_words: 8,
            heading_score: 100,
            gapless_heading_score: 200,
            bare_headings: 3,
            inside_lines: 3,
            siblings: 3,
            sibling_share: 75,
            sibling_score: 100,
            date_score: 40,
            entry_heading_score: 200,
            caption_score: 50,
            company_score: 300,
            last_company_score: 200,
            label_times: 3,
            label_words: 3,
            answer_words: 16,
            answers: 4,
            answer_score: 20,
            guard_score: 100,
            likely_share: 2,
            judged_words: 100,
            judged_lines: 5,
        }
    }
}
