//! What is wrong with files that people write: each mistake with its place, printed with a caret under the word.
//!
//! This file knows how a mistake is shown, not what a mistake is.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

/// A file as it was read: the name to show, and its text.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as a person would open it.
    pub shown: String,
    /// The whole file.
    pub text: String,
}

/// One mistake.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The file it stands in.
    pub sheet: Arc<SourceFile>,
    /// The bytes at fault; `None` where the file as a whole is.
    pub span: Option<Range<usize>>,
    /// What is wrong, in one line.
    pub title: String,
    /// What stands at the caret: what was expected.
    pub label: String,
    /// Another place that belongs to it, and why.
    pub context: Option<(Range<usize>, String)>,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake at a place of a file.
    pub fn at(
        sheet: &Arc<SourceFile>,
        span: Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            sheet: Arc::clone(sheet),
            span: Some(span),
            title: title.into(),
            label: label.into(),
            context: None,
            help: None,
        }
    }

    /// A mistake of a file as a whole.
    pub fn of_file(sheet: &Arc<SourceFile>, title: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        Diagnostic {
            sheet: Arc::clone(sheet),
            span: None,
            title: title.into(),
            label: String::new(),
            context: None,
            help: Some(help.into()),
        }
    }

    /// The same, with a way to mend it.
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// The same, with another place that belongs to it.
    pub fn context(self, span: Range<usize>, label: impl Into<String>) -> Diagnostic {
        Diagnostic { context: Some((span, label.into())), ..self }
    }

    /// The mistake as it is printed.
    pub fn render(&self) -> String {
        let title = Level::ERROR.primary_title(self.title.as_str());
        let mut group = match &self.span {
            None => title.element(Origin::path(self.sheet.shown.as_str())),
            Some(span) => {
                let mut snippet = Snippet::source(self.sheet.text.as_str())
                    .path(self.sheet.shown.as_str())
                    .annotation(AnnotationKind::Primary.span(span.clone()).label(self.label.as_str()));
                if let Some((span, label)) = &self.context {
                    snippet = snippet.annotation(AnnotationKind::Context.span(span.clone()).label(label.as_str()));
                }
                title.element(snippet)
            }
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        Renderer::plain().render(&[group])
    }
}

/// All mistakes as one text, in the order of the files and of the places in them.
pub fn render(mut complaints: Vec<Diagnostic>) -> String {
    complaints.sort_by(|a, b| {
        let place = |c: &Diagnostic| c.span.as_ref().map_or(0, |span| span.start);
        (&a.sheet.shown, place(a), &a.title).cmp(&(&b.sheet.shown, place(b), &b.title))
    });
    let mut files: Vec<&str> = complaints.iter().map(|complaint| complaint.sheet.shown.as_str()).collect();
    files.dedup();
    let summary = format!(
        "{} in {}",
        counted(complaints.len(), "mistake"),
        match files.as_slice() {
            [one] => (*one).to_string(),
            several => counted(several.len(), "rule file"),
        }
    );
    let mut text = complaints.iter().map(|complaint| complaint.render() + "\n\n").collect::<String>();
    text.push_str(&summary);
    text
}

/// The candidate that a misspelt word most likely meant, if one is near enough.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
