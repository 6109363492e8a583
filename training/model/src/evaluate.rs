//! What a choice of lines is worth: word precision, recall and F1, the mean over pages.

use std::collections::HashSet;
use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Result;
use dechaff::internals::stages::closing::{Closing, Thresholds};

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::{Mark, Marks, Verdict};
use dechaff::internals::page::{Page, Site, SiteSource};
use dechaff::internals::passes::templates::site_templates::SiteTemplates;
use dechaff::internals::passes::templates::stats::SurveyStats;
use dechaff::internals::passes::{CorpusPass, SeenPage};
use dechaff::internals::rules::RuleSet;
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::list::StageList;
use dechaff::internals::stages::model::columns::{Columns, TEXT_COLUMNS};
use dechaff::internals::stages::model::facts::Facts;
use dechaff::internals::stages::model::{Cutoff, Model, Scores};
use dechaff::{Bylines, Settings, Title};
use rayon::prelude::*;

use crate::ablation::{self, Worths};
use crate::corpus::Corpus;
use crate::data::{Row, Track, page_of};

/// Precision, recall and F1.
pub type Figures = [f64; 3];

/// The mean of pages' figures.
pub fn mean(figures: &[Figures]) -> Figures {
    let mut mean = [0.0; 3];
    for figure in figures {
        (0..3).for_each(|at| mean[at] += figure[at] / figures.len() as f64);
    }
    mean
}

/// The share of pages for which each of three things holds.
pub fn shares(edges: &[[bool; 3]]) -> [f64; 3] {
    [0, 1, 2].map(|at: usize| edges.iter().filter(|edges| edges[at]).count() as f64 / edges.len().max(1) as f64)
}

/// The pages of a track in some folds, with what the model says of them.
pub struct Trial<'c> {
    corpus: &'c Corpus,
    pages: Vec<(usize, Scores)>,
}

impl<'c> Trial<'c> {
    /// A trial of scores of one set. Pages that are read into other lines than when their scores were kept are left out.
    pub fn of<'s>(
        corpus: &'c Corpus,
        track: Track,
        set: usize,
        folds: u8,
        scores: impl Fn(usize) -> &'s [i32] + Sync,
    ) -> Trial<'c> {
        let pages = (0..corpus.pages.len())
            .into_par_iter()
            .filter(|&number| {
                let page = &corpus.pages[number];
                page.track == track
                    && page.sample.set == set
                    && folds >> page.sample.fold & 1 != 0
                    && scores(number).len() == page.facts.lines.len()
            })
            .map(|page| (page, Scores::of(scores(page), &corpus.pages[page].facts)))
            .collect();
        Trial { corpus, pages }
    }

    /// The same trial where what is known of the places of sites has a say, as a run over a folder by sites finds it out:
    /// of sites with enough pages, by the held-out scores of all of them. Says how many pages are on such sites.
    pub fn on_sites<'s>(&self, scores: impl Fn(usize) -> &'s [i32] + Sync) -> (Trial<'c>, usize) {
        let mut tally = SurveyStats::default();
        let host = |page: &usize| self.corpus.pages[*page].sample.domain.clone();
        let sited = |page: &usize| {
            let page_of = &self.corpus.pages[*page].sample.page;
            Page { site: Some(Site { host: host(page), known_by: SiteSource::Given }), ..page_of.clone() }
        };
        for (page, opinion) in self.pages.iter().filter(|(page, _)| !host(page).is_empty()) {
            let page = sited(page);
            let (features, own) = (&PageFeatures::of(&page), Some(opinion.permille.as_slice()));
            SiteTemplates::add(&mut tally, &SeenPage { features, charset: "UTF-8", own });
        }
        let known = SiteTemplates::finish(&tally).places();
        let judged = |(page, _): &(usize, Scores)| {
            let places = known.of(&sited(page));
            let facts = &self.corpus.pages[*page].facts;
            ((*page, Scores::on_site(scores(*page), facts, places.as_deref().unwrap_or_default())), places.is_some())
        };
        let pages: Vec<_> = self.pages.par_iter().map(judged).collect();
        let on_sites = pages.iter().filter(|(_, is_on_site)| *is_on_site);
        let (pages, count) = (on_sites.clone().map(|(page, _)| page.clone()).collect(), on_sites.count());
        (Trial { corpus: self.corpus, pages }, count)
    }

    /// The pages of another trial alone.
    pub fn only<'o>(&self, other: &Trial<'o>) -> Trial<'c> {
        let wanted: HashSet<usize> = other.pages.iter().map(|(page, _)| *page).collect();
        let pages = self.pages.iter().filter(|(page, _)| wanted.contains(page)).cloned().collect();
        Trial { corpus: self.corpus, pages }
    }

    /// How many pages it has.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// The figures where lines under the cut-off go, of the pages that `wanted` names by fold and kind.
    pub fn figures(&self, cutoff: Cutoff, wanted: impl Fn(u8, &str) -> bool + Sync) -> Figures {
        let figures: Vec<Figures> = self
            .pages
            .par_iter()
            .filter(|(page, _)| wanted(self.corpus.pages[*page].sample.fold, &self.corpus.pages[*page].sample.kind))
            .map(|(page, opinion)| {
                let threshold = opinion.threshold(cutoff);
                self.corpus.pages[*page].sample.score(|block| opinion.permille[block] >= threshold)
            })
            .collect();
        mean(&figures)
    }

    /// The shares of pages whose first line stays, whose last does, and of which half is lost, where lines under the
    /// cut-off go.
    pub fn edges(&self, cutoff: Cutoff) -> [f64; 3] {
        let of_page = |(page, opinion): &(usize, Scores)| {
            let threshold = opinion.threshold(cutoff);
            self.corpus.pages[*page].sample.edges(|block| opinion.permille[block] >= threshold)
        };
        shares(&self.pages.par_iter().filter_map(of_page).collect::<Vec<_>>())
    }

    /// A line with F1 and recall at several cut-offs, to choose from.
    pub fn sweep(&self) -> String {
        let cutoff = |percent, least, most| {
            let [_, recall, f1] = self.figures(Cutoff { percent, least, most, recall: 0 }, |_, _| true);
            format!("{f1:.4}/{recall:.3}")
        };
        let fixed: Vec<String> = [150, 200, 250, 300, 350, 400].map(|at| format!("{at}:{}", cutoff(0, at, at))).into();
        let by_page: Vec<String> =
            [60, 70, 80, 90, 100].map(|percent| format!("{percent}%:{}", cutoff(percent, 0, 1000))).into();
        let held: Vec<String> = [55, 70, 80, 90]
            .map(|percent| {
                let bounds = [(130, 350), (180, 400), (180, 300)];
                let figures = bounds.map(|(least, most)| cutoff(percent, least, most));
                format!("{percent}%:{}", figures.join(" "))
            })
            .into();
        let recalls: Vec<String> = [60, 70, 75, 80, 85, 90, 95]
            .map(|recall| {
                let cutoff = Cutoff { percent: 80, least: 180, most: 400, recall };
                let [_, reached, f1] = self.figures(cutoff, |_, _| true);
                let edges = self.edges(cutoff).map(|share| format!("{share:.3}")).join(" ");
                format!("{recall}%:{f1:.4}/{reached:.3} ({edges})")
            })
            .into();
        format!(
            "fixed {}\n      by page {}\n      held {}\n      recall {}",
            fixed.join(" "),
            by_page.join(" "),
            held.join(" "),
            recalls.join(" ")
        )
    }
}

/// What judges a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judges {
    /// The model alone.
    Model,
    /// All stages but the model.
    Rules,
    /// All stages.
    Both,
    /// All stages, without titles and bylines.
    Bare,
}

/// A number of the stage *closing*, and values to try.
#[derive(Debug, Clone)]
pub struct Trials {
    /// Its name in [`Thresholds`].
    pub name: String,
    /// The values.
    pub values: Vec<u32>,
}

impl FromStr for Trials {
    type Err = String;

    /// `NAME=VALUE,VALUE`.
    fn from_str(text: &str) -> Result<Trials, String> {
        let (name, values) = text.split_once('=').ok_or("as in prose_score=200,300")?;
        let trials = Trials {
            name: name.to_owned(),
            values: values.split(',').map(str::parse).collect::<Result<_, _>>().map_err(|_| "values are numbers")?,
        };
        for &value in &trials.values {
            trials.thresholds(value)?;
        }
        Ok(trials)
    }
}

impl Trials {
    /// The thresholds that ship with one value in place of another.
    ///
    /// # Errors
    /// Where there is no such threshold.
    pub fn thresholds(&self, value: u32) -> Result<Thresholds, String> {
        let mut fields = serde_json::to_value(Thresholds::default()).map_err(|error| error.to_string())?;
        match fields.get_mut(&self.name) {
            Some(field) => *field = value.into(),
            None => return Err(format!("{:?} is no number of the stage closing", self.name)),
        }
        serde_json::from_value(fields).map_err(|error| error.to_string())
    }
}

/// What a page comes to, and its edges.
pub type Closed = (Figures, Option<[bool; 3]>);

/// The stages that judge beside the model.
pub struct Rules {
    rulebook: Arc<RuleSet>,
    before: StageList,
    closing: Closing,
    /// The same where titles and bylines go.
    bare: (StageList, Closing),
}

impl Rules {
    /// All built-in ones.
    ///
    /// # Errors
    /// Where a built-in rule is wrong.
    pub fn new() -> Result<Rules> {
        let mut settings = Settings::default();
        settings.off = vec!["model".into(), "closing".into()];
        let rulebook = Arc::new(RuleSet::load(None)?);
        let nowhere = Arc::default();
        let before = StageList::new(&rulebook, &settings, &nowhere);
        (settings.title, settings.bylines) = (Title::Drop, Bylines::Drop);
        let bare = (StageList::new(&rulebook, &settings, &nowhere), Closing::new(Title::Drop));
        Ok(Rules { before, rulebook, closing: Closing::new(Title::Keep), bare })
    }
}

/// What a choice of a page's lines is worth.
pub struct Judged<'t> {
    /// The page's fold.
    pub fold: u8,
    /// The page's kind.
    pub kind: &'t str,
    /// The language of its own text.
    pub language: &'t str,
    /// Precision, recall and F1.
    pub figures: Figures,
    /// The share of snippets of what should go that stay, where any are known.
    pub unwanted: Option<f64>,
    /// Whether the first line of own text stays, the last, and whether half of it is gone.
    pub edges: Option<[bool; 3]>,
}

impl Trial<'_> {
    /// What every page comes to where these judges have the say.
    pub fn judged_by(&self, judges: Judges, rules: &Rules, cutoff: Cutoff) -> Vec<Judged<'_>> {
        self.pages
            .par_iter()
            .map(|(page, opinion)| {
                let sample = &self.corpus.pages[*page].sample;
                let reading = PageFeatures::of(&sample.page);
                let mut marks = match judges {
                    Judges::Model => Marks::new(reading.len()),
                    Judges::Rules | Judges::Both => rules.before.judge(&reading),
                    Judges::Bare => rules.bare.0.judge(&reading),
                };
                if judges != Judges::Rules {
                    opinion.mark(opinion.threshold(cutoff), &mut marks);
                }
                match judges {
                    Judges::Model => {}
                    Judges::Rules | Judges::Both => rules.closing.judge(&reading, &mut marks),
                    Judges::Bare => rules.bare.1.judge(&reading, &mut marks),
                }
                Judged {
                    fold: sample.fold,
                    kind: sample.kind.as_str(),
                    language: sample.language.as_str(),
                    figures: sample.score(|block| marks.stays(block)),
                    unwanted: sample.unwanted(|block| marks.stays(block)),
                    edges: sample.edges(|block| marks.stays(block)),
                }
            })
            .collect()
    }
}

impl Trial<'_> {
    /// What every page comes to with each of these cut-offs and thresholds of the stage *closing*.
    pub fn closed_by(&self, rules: &Rules, variants: &[(Cutoff, Thresholds)]) -> Vec<Vec<Closed>> {
        let closing = |&(cutoff, thresholds)| (cutoff, Closing::with_thresholds(Title::Keep, thresholds));
        let closings: Vec<(Cutoff, Closing)> = variants.iter().map(closing).collect();
        let of_page = |(page, opinion): &(usize, Scores)| {
            let sample = &self.corpus.pages[*page].sample;
            let reading = PageFeatures::of(&sample.page);
            let before = rules.before.judge(&reading);
            let by = |(cutoff, closing): &(Cutoff, Closing)| {
                let mut marks = before.clone();
                opinion.mark(opinion.threshold(*cutoff), &mut marks);
                closing.judge(&reading, &mut marks);
                (sample.score(|block| marks.stays(block)), sample.edges(|block| marks.stays(block)))
            };
            closings.iter().map(by).collect::<Vec<_>>()
        };
        self.pages.par_iter().map(of_page).collect()
    }

    /// What each rule is worth where the model has a say too.
    pub fn worths(&self, rules: &Rules, cutoff: Cutoff) -> Worths {
        let of_page = |(page, opinion): &(usize, Scores)| {
            let sample = &self.corpus.pages[*page].sample;
            let reading = PageFeatures::of(&sample.page);
            let before = rules.before.judge(&reading);
            let by_model = |mut marks: Marks| {
                opinion.mark(opinion.threshold(cutoff), &mut marks);
                marks
            };
            let closed = |mut marks: Marks| {
                rules.closing.judge(&reading, &mut marks);
                marks
            };
            let worths = ablation::of_page(&before, &rules.rulebook, |marks| {
                let marks = closed(by_model(marks));
                sample.score(|block| marks.stays(block))[2]
            });
            let unclosed = by_model(before);
            let closed = closed(unclosed.clone());
            let score = |stays: &dyn Fn(usize) -> bool| sample.score(stays)[2];
            ablation::add(worths, ablation::of_closing(&unclosed, &closed, &rules.rulebook, score))
        };
        self.pages.par_iter().map(of_page).reduce(Worths::new, ablation::add)
    }
}

/// An edge of a page's own text that goes.
pub struct LostEdge<'t> {
    /// The page.
    pub page: &'t str,
    /// Which edge.
    pub edge: &'static str,
    /// The rule that took it.
    pub rule: String,
    /// What the model gave it, in thousandths.
    pub permille: u16,
    /// Its text.
    pub text: &'t str,
}

impl Trial<'_> {
    /// The first and last lines of own text that go where all stages judge, and by whose word.
    pub fn lost_edges(&self, rules: &Rules, cutoff: Cutoff) -> Vec<LostEdge<'_>> {
        let of_page = |(page, opinion): &(usize, Scores)| {
            let sample = &self.corpus.pages[*page].sample;
            let reading = PageFeatures::of(&sample.page);
            let mut marks = rules.before.judge(&reading);
            opinion.mark(opinion.threshold(cutoff), &mut marks);
            rules.closing.judge(&reading, &mut marks);
            let lost = sample.lost_edges(|block| marks.stays(block));
            let edges = ["first", "last"].into_iter().zip(lost);
            let found = edges.filter_map(|(edge, block)| {
                let block = block?;
                let Verdict::Drop(Mark { rule, .. }) = marks.verdict(block) else { return None };
                Some(LostEdge {
                    page: &self.corpus.pages[*page].sample.page.source.path,
                    edge,
                    rule: ablation::address(rule, &rules.rulebook),
                    permille: opinion.permille[block],
                    text: self.corpus.pages[*page].sample.page.text_of(block),
                })
            });
            found.collect::<Vec<_>>()
        };
        self.pages.par_iter().flat_map_iter(of_page).collect()
    }
}

/// Prints what the embedded model costs a line of the pages' text, on one core.
pub fn time(rows: &[Row]) {
    let pages: Vec<Page> = rows.iter().map(|row| page_of(&row.id, &row.text_all)).collect();
    let readings: Vec<PageFeatures> = pages.iter().map(PageFeatures::of).collect();
    let lines: usize = readings.iter().map(PageFeatures::len).sum();
    let model = Model::of_text();
    let report = |what: &str, work: &dyn Fn(&PageFeatures)| {
        let best = (0..5).map(|_| {
            let began = on_cpu();
            readings.iter().for_each(work);
            (on_cpu() - began) / lines as u64
        });
        println!("{what}: {} ns a line", best.min().unwrap_or_default());
    };
    report("reading", &|reading| drop(black_box(PageFeatures::of(reading.page))));
    report("facts", &|reading| drop(black_box(Facts::of(reading, &model.lexicon))));
    report("facts and columns", &|reading| {
        drop(black_box(Columns::of(&Facts::of(reading, &model.lexicon), None, TEXT_COLUMNS)))
    });
    report("all", &|reading| drop(black_box(model.judge(reading))));
}

/// Nanoseconds that this thread has spent on a core.
fn on_cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default()
}
