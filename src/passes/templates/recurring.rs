//! The stage *recurring*: drops what is known to recur on a page's site.

use std::collections::HashMap;
use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use crate::passes::templates::edge::{Edge, Side, UNKNOWN};
use crate::passes::templates::finalize::RUN_LINES;
use crate::passes::templates::fingerprint::LineFingerprint;
use crate::passes::templates::site_templates::{SiteTemplate, SiteTemplates};
use crate::stage::Stage;

pub(super) const HEAD: StageRule =
    StageRule { address: "recurring#head", why: "Stands at the head of many of the site's pages." };
pub(super) const TAIL: StageRule =
    StageRule { address: "recurring#tail", why: "Stands at the tail of many of the site's pages." };
const INSIDE: StageRule = StageRule {
    address: "recurring#inside",
    why: "Stands in a run of lines that recurs inside the text of many of the site's pages.",
};

static RULES: [StageRule; 3] = [HEAD, TAIL, INSIDE];

/// Applies settled knowledge. A page whose site is not known, or not in it, is left alone.
#[derive(Debug, Clone)]
pub struct RecurringStage {
    sites: Arc<HashMap<String, Site>>,
}

#[derive(Debug)]
struct Site {
    pages: u32,
    head: Edge,
    tail: Edge,
    runs: HashMap<[LineFingerprint; RUN_LINES], u32>,
}

impl RecurringStage {
    /// A stage of what is known.
    pub fn new(knowledge: &SiteTemplates) -> RecurringStage {
        let site = |(host, known): (&String, &SiteTemplate)| (host.clone(), Site::of(known));
        RecurringStage { sites: Arc::new(knowledge.sites.iter().map(site).collect()) }
    }
}

impl Stage for RecurringStage {
    fn name(&self) -> &'static str {
        "recurring"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let Some(site) = page.page.site.as_ref().and_then(|site| self.sites.get(&site.host)) else { return };
        let mut signs: Vec<LineFingerprint> = (0..page.len()).map(|block| LineFingerprint::of(page, block)).collect();
        for (block, on) in site.head.walk(&signs, UNKNOWN).recurring {
            marks.drop(block, site.mark(&HEAD, on));
        }
        signs.reverse();
        for (block, on) in site.tail.walk(&signs, UNKNOWN).recurring {
            marks.drop(signs.len() - 1 - block, site.mark(&TAIL, on));
        }
        if !site.runs.is_empty() {
            signs.reverse();
            for (start, run) in signs.windows(RUN_LINES).enumerate() {
                if let Some(&on) = site.runs.get(run) {
                    (start..start + RUN_LINES).for_each(|block| marks.drop(block, site.mark(&INSIDE, on)));
                }
            }
        }
    }
}

impl Site {
    fn of(known: &SiteTemplate) -> Site {
        Site {
            pages: known.pages,
            head: known.head.edge(Side::Head),
            tail: known.tail.edge(Side::Tail),
            runs: known.inside.iter().map(|run| (run.lines.clone().map(|(sign, _)| sign), run.on)).collect(),
        }
    }

    fn mark(&self, rule: &'static StageRule, on: u32) -> Mark {
        Mark { rule: RuleId::Judge(rule), because: Evidence::Recurs { on, of: self.pages } }
    }
}
