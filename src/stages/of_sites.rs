//! The stages that judge a page: those of every page, or, where the rule file of its site has settings, its site's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::StageRule;
use crate::page::Page;
use crate::page::places::KnownPlaces;
use crate::rules::RuleSet;
use crate::settings::{Settings, SiteSettings};
use crate::stage::Stage;
use crate::stages::list::StageList;

/// The stages of all sites. Sites with the same settings share theirs.
pub(crate) struct StagesOfSites {
    rules: Arc<RuleSet>,
    settings: Settings,
    usual: StageList,
    of_sites: BTreeMap<SiteSettings, StageList>,
}

impl StagesOfSites {
    /// The stages that these settings leave on, and those that the settings of sites do.
    pub(crate) fn new(rules: &Arc<RuleSet>, settings: &Settings, places: &Arc<KnownPlaces>) -> StagesOfSites {
        let of_site = |site: &SiteSettings| (site.clone(), StageList::new(rules, &site.on(settings), places));
        StagesOfSites {
            usual: StageList::new(rules, settings, places),
            of_sites: rules.settings_of_sites().into_iter().map(of_site).collect(),
            settings: settings.clone(),
            rules: Arc::clone(rules),
        }
    }

    /// Takes one more stage in, at its place, wherever it is on.
    pub(crate) fn add(&mut self, stage: &(impl Stage + Clone + 'static)) {
        if !self.settings.is_off(stage.name()) {
            self.usual.add(Box::new(stage.clone()));
        }
        for (site, stages) in &mut self.of_sites {
            if !site.on(&self.settings).is_off(stage.name()) {
                stages.add(Box::new(stage.clone()));
            }
        }
    }

    /// What the rule file of a page's site says of how it is judged.
    pub(crate) fn site_settings(&self, page: &Page) -> Option<&SiteSettings> {
        self.rules.site_settings(&page.site.as_ref()?.host)
    }

    /// The stages that judge a page.
    pub(crate) fn of_page(&self, page: &PageFeatures) -> &StageList {
        self.site_settings(page.page).and_then(|settings| self.of_sites.get(settings)).unwrap_or(&self.usual)
    }

    /// The judgements that any of the stages can give, each once, in the order of the stages.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'static StageRule> {
        let mut seen = BTreeSet::new();
        let lists = std::iter::once(&self.usual).chain(self.of_sites.values());
        let rules = lists.flat_map(StageList::stages).flat_map(|stage| stage.rules());
        rules.filter(move |rule| seen.insert(rule.address))
    }
}
