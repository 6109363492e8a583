//! The settings of one site: what its rule file says in place of, or beside, what is said for every page.

use serde::Serialize;

use super::{Bylines, Comments, Favor, Settings, Title, add_options, name_of};

/// What a site's rule file says of how the pages of the site are judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(crate) struct SiteSettings {
    /// In place of [`Settings::favor`].
    pub(crate) favor: Option<Favor>,
    /// In place of [`Settings::comments`].
    pub(crate) comments: Option<Comments>,
    /// In place of [`Settings::title`].
    pub(crate) title: Option<Title>,
    /// In place of [`Settings::bylines`].
    pub(crate) bylines: Option<Bylines>,
    /// Stages that are off here, beside those of [`Settings::off`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) off: Vec<String>,
}

impl SiteSettings {
    /// Whether the site is judged as every other one.
    pub(crate) fn is_empty(&self) -> bool {
        *self == SiteSettings::default()
    }

    /// Takes over what another file says of the same site, where this one is silent.
    pub(crate) fn add(&mut self, other: SiteSettings) {
        self.favor = self.favor.or(other.favor);
        self.comments = self.comments.or(other.comments);
        self.title = self.title.or(other.title);
        self.bylines = self.bylines.or(other.bylines);
        self.off.extend(other.off);
        self.off.sort();
        self.off.dedup();
    }

    /// The settings that pages of the site are judged by, where these are said for every page.
    pub(crate) fn on(&self, settings: &Settings) -> Settings {
        let mut settings = settings.clone();
        settings.favor = self.favor.unwrap_or(settings.favor);
        settings.comments = self.comments.unwrap_or(settings.comments);
        settings.title = self.title.unwrap_or(settings.title);
        settings.bylines = self.bylines.unwrap_or(settings.bylines);
        settings.off.extend_from_slice(&self.off);
        settings
    }

    /// What is said here, in the form of the command line and in alphabetical order.
    pub(crate) fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        // Strings and lists of them: there is nothing that JSON cannot say.
        add_options(&serde_json::to_value(self).unwrap_or_default(), &serde_json::Value::Null, &mut options);
        options.sort_by(|one, other| name_of(one).cmp(name_of(other)));
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_says_in_place_of_all_and_switches_off_beside_them() {
        let mut settings = Settings { favor: Favor::Recall, ..Settings::default() };
        settings.off.push("teasers".into());
        let mut site = SiteSettings { title: Some(Title::Drop), off: vec!["model".into()], ..SiteSettings::default() };
        assert_eq!(site.on(&settings).options(), ["--favor=recall", "--off=model", "--off=teasers", "--title=drop"]);
        assert_eq!(site.options(), ["--off=model", "--title=drop"]);
        site.add(SiteSettings {
            favor: Some(Favor::Balance),
            title: Some(Title::Keep),
            off: vec!["closing".into()],
            ..SiteSettings::default()
        });
        assert_eq!(site.options(), ["--favor=balance", "--off=closing", "--off=model", "--title=drop"]);
        assert_eq!(site.on(&settings).favor, Favor::Balance, "what all pages have is said again for one site");
        assert!(!site.is_empty() && SiteSettings::default().is_empty() && SiteSettings::default().options().is_empty());
    }
}
